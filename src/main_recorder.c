/* SPDX-License-Identifier: MIT */
#include "netcli/netcli.h"

int main(int argc, char **argv)
{
    const struct netcli_io io = {stdout, stderr, "gwtop/" GWTOP_VERSION};
    return netcli_main(argc, argv, &io);
}
