"""Property tests of documents are slow on a busy machine; that is no failure."""

from hypothesis import settings

settings.register_profile("spec", deadline=None)
settings.load_profile("spec")
