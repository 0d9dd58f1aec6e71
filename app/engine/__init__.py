"""The engine: a process of its own that owns the live model, and the client that talks to it.

Front ends import `app.engine.client` and `app.engine.protocol`, which load no torch.
"""
