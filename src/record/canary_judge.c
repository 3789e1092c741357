/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create: an answer is never in a file */
#include "record/canary_judge.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ere.h"
#include "base/jsonschema.h"
#include "record/child.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct str trim(struct str s)
{
    while (s.n > 0 && is_space(s.p[0]))
        s.p++, s.n--;
    while (s.n > 0 && is_space(s.p[s.n - 1]))
        s.n--;
    return s;
}

static enum canary_verdict say(bool pass, struct errctx *why, const char *text)
{
    if (!pass)
        (void)errctx_set(why, ERR_PARSE, "%s", text);
    return pass ? CANARY_PASS : CANARY_FAIL;
}

static enum canary_verdict unjudged(struct errctx *why, const char *text)
{
    (void)errctx_set(why, ERR_LIMIT, "%s", text);
    return CANARY_UNJUDGED;
}

static enum canary_verdict judge_pattern(const char *pattern, struct str text, struct errctx *why)
{
    struct ere *e;
    if (ere_new(pattern, &e, why) != ERR_OK)
        return CANARY_UNJUDGED;
    const bool found = ere_found(e, text);
    ere_free(e);
    return say(found, why, "the answer does not match");
}

static enum canary_verdict judge_json(const char *schema_text, struct str text, struct arena *a, struct errctx *why)
{
    const struct jsontree *v, *schema;
    struct errctx bad = {""};
    enum err e = jsontree_parse(text, a, &v, &bad);
    if (e == ERR_PARSE)
        return say(false, why, "the answer is not JSON");
    if (e == ERR_OK && schema_text == NULL)
        return CANARY_PASS;
    if (e != ERR_OK || jsontree_parse(str_of(schema_text), a, &schema, &bad) != ERR_OK)
        return unjudged(why, "out of memory for the answer as JSON");
    if (jsonschema_holds(schema, v, &bad))
        return CANARY_PASS;
    (void)errctx_set(why, ERR_PARSE, "the answer is of another shape"); /* names of members are the model's own words */
    return CANARY_FAIL;
}

enum canary_verdict canary_judge(const struct canary_item *it, const struct canary_answer *answer, struct arena *a, struct errctx *why)
{
    const struct str text = trim(answer->text);
    if (text.n > CANARY_TEXT_MAX)
        return unjudged(why, "the answer is longer than 64 KB");
    switch (it->check) {
    case CANARY_EXACT: return say(str_eq(text, trim(str_of(it->want))), why, "the answer is another one");
    case CANARY_MATCHES: return judge_pattern(it->want, text, why);
    case CANARY_JSON: return judge_json(NULL, text, a, why);
    case CANARY_SCHEMA: return judge_json(it->want, text, a, why);
    case CANARY_TOKEN: /* an endpoint without log-probabilities tells the token as its text */
        return say(answer->has_token ? str_eq_z(answer->token, it->want) : str_eq(text, trim(str_of(it->want))), why,
                   "another token is the most likely one");
    case CANARY_COMMAND: break;
    }
    return CANARY_PENDING;
}

static bool write_all(int fd, struct str text)
{
    while (text.n > 0) {
        const ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text.p += n;
        text.n -= (size_t)n;
    }
    return lseek(fd, 0, SEEK_SET) == 0;
}

enum canary_verdict canary_command_start(const struct canary_item *it, struct str text, pid_t *ret, struct errctx *why)
{
    if (text.n > CANARY_TEXT_MAX)
        return unjudged(why, "the answer is longer than 64 KB");
    int fd = memfd_create("answer", MFD_CLOEXEC), failed = fd < 0 || !write_all(fd, text) ? errno : 0;
    if (failed == 0)
        failed = child_start(it->argv, &(struct child_io){.in = fd, .out = -1, .err = -1}, ret);
    if (fd >= 0)
        close(fd);
    if (failed == 0)
        return CANARY_PENDING;
    (void)errctx_set(why, ERR_IO, "%s cannot be run: %s", it->argv[0], strerror(failed));
    return CANARY_UNJUDGED;
}

enum canary_verdict canary_command_hear(pid_t pid, bool late, struct errctx *why)
{
    int status = 0;
    if (!child_has_ended(pid, &status)) {
        if (!late)
            return CANARY_PENDING;
        (void)child_end(pid, true);
        return unjudged(why, "the command took longer than command_timeout");
    }
    if (!WIFEXITED(status))
        return unjudged(why, "the command was ended by a signal");
    return say(WEXITSTATUS(status) == 0, why, "the command says no");
}
