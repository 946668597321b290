"""The course: the check-up of a machine, exercises and their checks, notebooks run into pages."""
