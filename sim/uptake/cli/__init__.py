"""The commands: thin scripts that load a configuration, call the model and save what it says."""
