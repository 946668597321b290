"""The classroom: student copies out of the notebooks, and marks for what comes back.

`release` makes the handout, `grade` marks submissions. An exercise is graded by what its function
*returns*: the student's code runs in a locked process that has no answers, no files and no network
(`child`), and only its return values come back, as plain data (`wire`). The check, the hidden cases
(`hidden`) and the marks (`marks`) stand on the teacher's side, where no student's code runs. A run
record is graded as it is: `run_records` holds it against itself and against others.
"""
