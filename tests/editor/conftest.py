"""Property tests are slow on a busy machine; that is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "editor", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("editor")
