/* SPDX-License-Identifier: MIT */
/* Internal to cli/: what an operator says is dropped as an act file beside the store, where the recorder takes it in. */
#ifndef GWTOP_CLI_SAY_H
#define GWTOP_CLI_SAY_H

#include "cli/cli.h"
#include "model/act.h"

/* s is open (cli_open_store); ends its snapshot, and moves the cursor to now, so that what is read next has the act. Errors: ERR_READONLY
 * where the recording has ended, and those of store_act_drop. */
enum err cli_say(const struct cli_where *w, struct cli_store *s, enum act_verb verb, int64_t incident, const char *text,
                 struct errctx *ctx) GW_MUST_USE;
/* "pending until the recorder takes it in", or that none runs. */
const char *cli_say_pending(const struct cli_where *w, const struct cli_store *s);
/* The same as members of the object that is open. */
void cli_json_pending(struct json *w, const struct cli_where *where, const struct cli_store *s);

#endif
