"""Property tests are slow on a busy machine; that is no failure."""

from hypothesis import settings

settings.register_profile("editor", deadline=None, max_examples=60)
settings.load_profile("editor")
