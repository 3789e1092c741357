/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"

#include <string.h>

/* "--since=1h" and "--since 1h" are the same. */
static const struct cli_option *find(const struct cli_option *options, const char *word, const char **ret_inline)
{
    size_t n = strcspn(word, "=");
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == n && memcmp(options->name, word, n) == 0) {
            *ret_inline = word[n] == '=' ? word + n + 1 : NULL;
            return options;
        }
    }
    return NULL;
}

bool cli_options(int argc, char **argv, const struct cli_option *options, const char **ret_word, const struct cli_io *io)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        if (argv[i][0] != '-' || argv[i][1] == '\0') {
            if (ret_word == NULL || *ret_word != NULL) {
                fprintf(io->err, "gwtop %s: unexpected argument '%s'; `gwtop --help` shows what it takes\n", argv[0], argv[i]);
                return false;
            }
            *ret_word = argv[i];
            continue;
        }
        const struct cli_option *o = find(options, argv[i], &value);
        if (o == NULL) {
            fprintf(io->err, "gwtop %s: there is no option '%s'; `gwtop --help` shows what it takes\n", argv[0], argv[i]);
            return false;
        }
        if (o->kind == CLI_FLAG) {
            if (value != NULL) {
                fprintf(io->err, "gwtop %s: %s takes no value\n", argv[0], o->name);
                return false;
            }
            *(bool *)o->value = true;
            continue;
        }
        if (value == NULL && i + 1 < argc)
            value = argv[++i];
        if (value == NULL) {
            fprintf(io->err, "gwtop %s: %s needs a value\n", argv[0], o->name);
            return false;
        }
        *(const char **)o->value = value;
    }
    return true;
}
