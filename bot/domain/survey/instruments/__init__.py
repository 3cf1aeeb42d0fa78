"""The instruments shipped with the program, one TOML file each."""
