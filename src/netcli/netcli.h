/* SPDX-License-Identifier: MIT */
/* The commands of gwtop-recorder: what needs the network. Each prints to the streams it is given and returns the exit status. */
#ifndef GWTOP_NETCLI_NETCLI_H
#define GWTOP_NETCLI_NETCLI_H

#include <stdio.h>

#include "base/err.h"

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_NO_ANSWER = 2, EXIT_WRONG_USAGE = 64 };

struct netcli_io {
    FILE *out, *err;
    const char *user_agent; /* "gwtop/0.1.0" */
};

/* Runs argv[1], or prints help. */
int netcli_main(int argc, char **argv, const struct netcli_io *io);

/* Prints "gwtop: sentence" and returns the exit status of the code. */
int netcli_fail(const struct netcli_io *io, enum err e, const struct errctx *ctx);

int netcli_record(int argc, char **argv, const struct netcli_io *io);
int netcli_probe(int argc, char **argv, const struct netcli_io *io);
int netcli_canary(int argc, char **argv, const struct netcli_io *io);
int netcli_page(int argc, char **argv, const struct netcli_io *io);
int netcli_silence(int argc, char **argv, const struct netcli_io *io);
int netcli_prices(int argc, char **argv, const struct netcli_io *io);

#endif
