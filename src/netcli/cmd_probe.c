/* SPDX-License-Identifier: MIT */
#include "netcli/netcli.h"
int netcli_probe(int argc, char **argv, const struct netcli_io *io)
{
    (void)argc; (void)argv; (void)io;
    return EXIT_BAD;
}
