"""The command line `hppt`: thin, each command calls one function of the library."""
