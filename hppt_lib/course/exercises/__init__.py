"""The exercises of the notebooks as data: one module a notebook; see `hppt_lib.course.checks`."""
