/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>

Suite *suite_console_keys(void);
Suite *suite_console_life(void);

int main(void)
{
    SRunner *runner = srunner_create(suite_console_keys());
    srunner_add_suite(runner, suite_console_life());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
