"""Property tests of documents are slow on a busy machine; that is no failure."""

from hypothesis import HealthCheck, settings

settings.register_profile("spec", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("spec")
