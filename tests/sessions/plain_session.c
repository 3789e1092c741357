/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "sessions/plain_world.h"

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: session_plain GWTOP\n");
        return 64;
    }
    SRunner *runner = srunner_create(suite_plain_lines());
    srunner_add_suite(runner, suite_plain_program(argv[1]));
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
