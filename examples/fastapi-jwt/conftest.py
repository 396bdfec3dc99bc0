pytest_plugins = ["authgate_fastapi.testing.plugin"]
