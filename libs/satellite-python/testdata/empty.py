from exosphere_satellite import satellite  # noqa: F401 -- and none is made
