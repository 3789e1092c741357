/* SPDX-License-Identifier: MIT */
/* gwtop audit: what operators said, whether it is still what the recorder took in, and what to keep elsewhere to be sure of its end. */
#include "cli/audit.h"
#include "cli/commands.h"

#include <string.h>

#include "base/timefmt.h"

enum { EXIT_CHANGED = 2 };

struct audit {
    struct store_chain chain;
    int64_t kept_id;             /* 0 = none is at hand */
    const struct store_act *bad; /* as it reads now; NULL = it is not there */
    size_t waiting;              /* acts that were not taken in yet */
};

static const char *const words_of[] = {
    [STORE_CHAIN_WHOLE] = "whole",
    [STORE_CHAIN_OPEN] = "open",
    [STORE_CHAIN_CHANGED] = "changed",
    [STORE_CHAIN_REMOVED] = "removed",
    [STORE_CHAIN_CUT] = "cut",
    [STORE_CHAIN_ANEW] = "made_anew",
    [STORE_CHAIN_KEPT_GONE] = "head_removed",
};

/* What is whole may have lost its last acts, or all: without a head that was kept elsewhere that is not known. */
static int status_of(const struct audit *a)
{
    const enum store_chain_word word = a->chain.word;
    if (word == STORE_CHAIN_WHOLE)
        return a->kept_id != 0 ? EXIT_OK : EXIT_UNKNOWN;
    return word == STORE_CHAIN_OPEN || word == STORE_CHAIN_KEPT_GONE ? EXIT_UNKNOWN : EXIT_CHANGED;
}

/* "17:5be1...". */
static enum err read_kept(const char *text, int64_t *ret_id, char ret_hash[STORE_CHAIN_HASH_MAX], struct errctx *ctx)
{
    const char *colon = strchr(text, ':');
    const size_t n = colon != NULL ? strlen(colon + 1) : 0;
    if (colon == NULL || !str_to_i64((struct str){text, (size_t)(colon - text)}, ret_id) || *ret_id <= 0 || n != STORE_CHAIN_HASH_MAX - 1 ||
        strspn(colon + 1, "0123456789abcdef") != n)
        return errctx_set(ctx, ERR_USAGE, "--head: expected ID:HASH as `gwtop audit head` prints it, got '%.80s'", text);
    memcpy(ret_hash, colon + 1, n + 1);
    return ERR_OK;
}

static enum err load(const struct cli_store *s, const char *kept, struct audit *a, struct errctx *ctx)
{
    struct store_act *acts;
    size_t count;
    enum err e = store_acts_verify(s->st, a->kept_id, kept, &a->chain, ctx);
    if (e == ERR_OK)
        e = store_acts(s->st, INT64_MAX, s->loader.arena, &acts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        a->waiting += acts[i].pending;
        if (!acts[i].pending && acts[i].id == a->chain.bad_id)
            a->bad = &acts[i];
    }
    return e;
}

static void print_act(const struct cli_io *io, const struct store_act *act)
{
    char at[TIMEFMT_MAX];
    instant_format_iso(act->at_ms, at);
    cli_print(io, "it reads now: %s %s%s%s, %s", at, act->author, act->origin[0] != '\0' ? ", says " : "", act->origin, act->verb);
    if (act->incident != 0)
        cli_print(io, " #%lld", (long long)act->incident);
    cli_print(io, "%s%s\n", act->text[0] != '\0' ? ": " : "", act->text);
}

static void print_verdict(const struct cli_io *io, const struct audit *a)
{
    const struct store_chain *c = &a->chain;
    const long long bad = (long long)c->bad_id, head = (long long)c->head_id;
    switch (c->word) {
    case STORE_CHAIN_WHOLE:
        if (a->kept_id != 0)
            cli_print(io, "whole: %lld act%s as taken in, the one whose head was kept among them\n", (long long)c->count,
                      c->count == 1 ? "" : "s");
        else
            cli_print(io, "whole as far as it goes: %lld act%s as taken in; its end cannot be told without --head\n", (long long)c->count,
                      c->count == 1 ? "" : "s");
        break;
    case STORE_CHAIN_OPEN:
        cli_print(io,
                  "not known: from act %lld on there are no hashes, as after an end that was torn off, or by another's hand; the recorder "
                  "gives hashes together with the acts\n"
                  "what to do: nothing here proves these acts; keep a copy of the file as it is, hold it against a backup or a head that "
                  "was kept "
                  "(`gwtop audit verify --head`), and keep the head of act %lld elsewhere from now on (`gwtop audit head`)\n",
                  bad, head);
        break;
    case STORE_CHAIN_CHANGED: cli_print(io, "CHANGED: act %lld is not what was taken in, or not in its place\n", bad); break;
    case STORE_CHAIN_REMOVED: cli_print(io, "REMOVED: acts between %lld and %lld are gone\n", head, bad); break;
    case STORE_CHAIN_CUT:
        cli_print(io, "CUT: it ends with act %lld; those up to act %lld, whose head was kept, are gone\n", head, (long long)a->kept_id);
        break;
    case STORE_CHAIN_ANEW: cli_print(io, "MADE ANEW: act %lld has another hash than the one that was kept\n", bad); break;
    case STORE_CHAIN_KEPT_GONE:
        cli_print(
            io,
            "not known: act %lld, whose head was kept, is gone, by retention as its record in the chain says, which who may write the "
            "file could have put there; keep a newer head\n",
            (long long)a->kept_id);
        break;
    }
    if (a->bad != NULL)
        print_act(io, a->bad);
    if (c->word != STORE_CHAIN_WHOLE && c->word != STORE_CHAIN_ANEW && c->word != STORE_CHAIN_KEPT_GONE)
        cli_print(io, "unchanged up to act %lld\n", head);
    if (c->cut_id != 0)
        cli_print(io, "acts up to %lld were removed by retention, as its record in the chain says\n", (long long)c->cut_id);
    if (a->waiting > 0)
        cli_print(io, "%zu more wait%s to be taken in\n", a->waiting, a->waiting == 1 ? "s" : "");
}

static void json_bad(struct json *w, const struct audit *a, const struct cli_io *io)
{
    if (a->bad == NULL) {
        json_null(w, "act");
        return;
    }
    json_object(w, "act");
    cli_json_instant(w, "at", a->bad->at_ms);
    cli_json_instant(w, "known", a->bad->known_ms);
    json_string(w, "author", a->bad->author);
    json_string(w, "origin", a->bad->origin[0] != '\0' ? a->bad->origin : NULL);
    json_string(w, "verb", a->bad->verb);
    json_i64(w, "incident", a->bad->incident);
    cli_json_text(io, w, "text", a->bad->text);
    json_end(w);
}

static int print_json(const struct cli_store *s, const struct audit *a, bool head)
{
    struct buf out;
    struct json w;
    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    json_string(&w, "verdict", words_of[a->chain.word]);
    json_i64(&w, "acts", a->chain.count);
    json_i64(&w, "waiting", (int64_t)a->waiting);
    json_i64(&w, "head", a->chain.head_id);
    json_string(&w, "hash", a->chain.head);
    json_i64(&w, "removed_by_retention_up_to", a->chain.cut_id);
    if (!head) {
        json_bool(&w, "end_is_known", a->chain.word == STORE_CHAIN_WHOLE && a->kept_id != 0);
        json_bool(&w, "kept_head_was_removed", a->chain.word == STORE_CHAIN_KEPT_GONE);
        if (a->chain.bad_id != 0)
            json_i64(&w, "first_bad", a->chain.bad_id);
        else
            json_null(&w, "first_bad");
        json_bad(&w, a, &s->io);
    }
    json_end(&w);
    return cli_print_json(&s->io, "audit", &w, &out);
}

/* What is no chain has no head: who keeps one relies on it. */
static int show(const struct cli_where *w, const struct cli_store *s, const struct audit *a, bool head)
{
    const int is = head && a->chain.word == STORE_CHAIN_WHOLE ? EXIT_OK : status_of(a);
    if (w->json) {
        const int status = print_json(s, a, head);
        return status == EXIT_OK ? is : status;
    }
    if (head && is == EXIT_OK)
        cli_print(&s->io, "%lld:%s\n", (long long)a->chain.head_id, a->chain.head);
    else
        print_verdict(&s->io, a);
    return is;
}

int cmd_audit(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    struct cli_words words = {.max = 1};
    const char *kept = NULL;
    const struct cli_option options[] = {{"--head", CLI_TEXT, &kept},   {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store},
                                         {"--json", CLI_FLAG, &w.json}, {"--since", CLI_TEXT, &w.since},   {"--at", CLI_TEXT, &w.at},
                                         {NULL, CLI_FLAG, NULL}};
    struct audit a = {.kept_id = 0};
    struct errctx ctx = {.text = ""};
    struct cli_store s;
    char hash[STORE_CHAIN_HASH_MAX] = "";

    int status = cli_options("audit", argc, argv, options, &words, io);
    if (status != CLI_GO_ON)
        return status;
    const char *what = words.count > 0 ? words.at[0] : "";
    const bool head = strcmp(what, "head") == 0;
    const bool verify = strcmp(what, "verify") == 0, list = strcmp(what, "list") == 0;
    enum err e = ERR_OK;
    if (!head && !verify && !list)
        e = errctx_set(&ctx, ERR_USAGE, "audit what? `gwtop audit list`, `gwtop audit verify` or `gwtop audit head`");
    else if (kept != NULL)
        e = verify ? read_kept(kept, &a.kept_id, hash, &ctx) : errctx_set(&ctx, ERR_USAGE, "--head goes with `gwtop audit verify`");
    else if (!list && (w.since != NULL || w.at != NULL))
        e = errctx_set(&ctx, ERR_USAGE, "%s goes with `gwtop audit list`; the chain is verified whole", w.at != NULL ? "--at" : "--since");
    if (e != ERR_OK)
        return cli_fail(io, e, &ctx);
    if (list)
        return cli_audit_list(&w, io);
    e = cli_open_store(&w, &s, io, &ctx);
    if (e == ERR_OK)
        e = load(&s, hash, &a, &ctx);
    status = e == ERR_OK ? show(&w, &s, &a, head) : cli_fail(io, e, &ctx);
    cli_close(&s);
    return status;
}
