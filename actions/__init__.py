"""The actions of the destinations shipped with this project."""
