"""What the playground's page runs in the reader's browser, under Pyodide.

These files go into the page's archive with `hppt_lib.verifiers`, and little else of the kit: so
they import nothing but that room and `hppt_lib.errors`.
"""
