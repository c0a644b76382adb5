"""A pytest plugin of the notebooks' suite: a kernel that dies before its first word is started once more.

Its ports are drawn free, and let go again before the kernel takes them: meanwhile another process may have.
"""

import nbval.kernel


def at_a_second_try(start):
    def start_new_kernel(*args, **options):
        try:
            return start(*args, **options)
        except RuntimeError:  # nbval has logged it
            return start(*args, **options)

    return start_new_kernel


nbval.kernel.start_new_kernel = at_a_second_try(nbval.kernel.start_new_kernel)
