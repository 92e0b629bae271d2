"""The commands as they are typed: options and help, one module each; what they do loads when called."""
