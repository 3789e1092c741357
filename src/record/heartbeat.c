/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* futimens beside O_NOFOLLOW */
#include "record/heartbeat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record/page_post.h"

enum {
    POLL_SLACK_MS = 30 * 1000, /* beyond the longest interval and timeout of a source */
    ANALYSIS_MS = 60 * 1000,   /* the loop ticks every two seconds; a disk may take its time */
    AGAIN_MS = 10 * 1000,      /* after a beat that failed */
    URL_FAILURES = 2,          /* in a row: one lost packet is no news */
};

struct heartbeat {
    const struct config_heartbeat *cfg;
    struct http *http;
    struct secrets *secrets;
    int64_t poll_limit_ms, polled_ms, analysed_ms, next_ms;
    struct http_conn *conn;
    struct http_result result;
    bool asking, answered;
    unsigned failures;
};

struct heartbeat *heartbeat_new(const struct config *cfg, struct http *h, struct secrets *s, int64_t mono_ms)
{
    struct heartbeat *b = calloc(1, sizeof *b);
    if (b == NULL)
        return NULL;
    b->cfg = &cfg->heartbeat;
    b->http = h;
    b->secrets = s;
    b->polled_ms = b->analysed_ms = b->next_ms = mono_ms;
    int64_t longest = 0;
    for (uint32_t i = 0; i < cfg->source_count; i++) { /* the one that is asked most often must go on */
        const int64_t ms = 3 * cfg->sources[i].interval_ms + cfg->sources[i].timeout_ms;
        longest = longest == 0 || ms < longest ? ms : longest;
    }
    b->poll_limit_ms = longest + POLL_SLACK_MS;
    return b;
}

void heartbeat_free(struct heartbeat *b)
{
    if (b == NULL)
        return;
    http_remove(b->conn);
    free(b);
}

void heartbeat_saw_poll(struct heartbeat *b, int64_t mono_ms)
{
    b->polled_ms = mono_ms;
}

void heartbeat_saw_analysis(struct heartbeat *b, int64_t mono_ms)
{
    b->analysed_ms = mono_ms;
}

/* Notes how a beat went; true when that is news. */
static bool note(struct paging_target *t, const char *why, int64_t now_ms)
{
    const bool failed = t->failing_since_ms != 0;
    if (why == NULL) {
        t->ok_ms = now_ms;
        t->failing_since_ms = 0;
        t->why[0] = '\0';
        return failed;
    }
    const bool same = failed && strcmp(t->why, why) == 0;
    t->failing_since_ms = failed ? t->failing_since_ms : now_ms;
    (void)str_copy(t->why, sizeof t->why, str_of(why));
    return !same;
}

/* Made where it is missing; a link is not followed, so that nobody points it elsewhere. */
static bool touch(const char *path, char *why, size_t cap)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
    const bool good = fd >= 0 && futimens(fd, NULL) == 0;
    if (!good)
        (void)str_format(why, cap, "%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return good;
}

static void on_done(void *ctx, const struct http_result *res)
{
    struct heartbeat *b = ctx;
    b->result = *res;
    b->answered = true;
}

/* Begins to ask; false with why when it cannot be. */
static bool ask(struct heartbeat *b, char *why, size_t cap)
{
    static const char body[] = "{\"version\":1,\"event\":\"heartbeat\"}";
    const struct http_handler on = {NULL, NULL, on_done, b};
    struct http_request rq = {.url = NULL};
    struct errctx ctx = {""};
    enum err e = page_post_open(&b->cfg->post, b->cfg->timeout_ms, b->http, b->secrets, "heartbeat", &b->conn, &ctx);
    if (!b->cfg->get)
        rq.body = str_of(body);
    if (e == ERR_OK)
        e = http_start(b->conn, &rq, &on, &ctx);
    b->asking = e == ERR_OK;
    if (e != ERR_OK && e != ERR_BUSY)
        (void)str_copy(why, cap, str_of(errctx_text(&ctx, e)));
    return e == ERR_OK || e == ERR_BUSY;
}

/* What stands still, NULL = nothing. */
static const char *stands_still(const struct heartbeat *b, int64_t mono_ms)
{
    if (mono_ms - b->polled_ms > b->poll_limit_ms)
        return "no poll has ended for long: polling stands still";
    return mono_ms - b->analysed_ms > ANALYSIS_MS ? "what was polled is not analysed and stored" : NULL;
}

static bool hear(struct heartbeat *b, int64_t now_ms, int64_t mono_ms, struct paging_target *url)
{
    char word[PAGE_TEXT_MAX];
    const bool good = page_post_is_good(&b->result);
    b->asking = b->answered = false;
    http_remove(b->conn);
    b->conn = NULL;
    page_post_say(&b->result, word, sizeof word);
    b->failures = good ? 0 : b->failures + 1;
    if (!good && b->next_ms > mono_ms + AGAIN_MS)
        b->next_ms = mono_ms + AGAIN_MS;
    return good ? note(url, NULL, now_ms) : b->failures >= URL_FAILURES && note(url, word, now_ms);
}

bool heartbeat_step(struct heartbeat *b, int64_t now_ms, int64_t mono_ms, struct paging_target *file, struct paging_target *url)
{
    char why[PAGE_TEXT_MAX];
    bool news = b->answered && hear(b, now_ms, mono_ms, url);
    if (mono_ms < b->next_ms)
        return news;
    b->next_ms = mono_ms + b->cfg->every_ms;
    const char *still = stands_still(b, mono_ms);
    if (file != NULL) {
        const bool good = still == NULL && touch(b->cfg->file, why, sizeof why);
        news = note(file, good ? NULL : still != NULL ? still : why, now_ms) || news;
        b->next_ms = good || mono_ms + AGAIN_MS > b->next_ms ? b->next_ms : mono_ms + AGAIN_MS;
    }
    if (url != NULL && !b->asking) {
        if (still != NULL)
            news = note(url, still, now_ms) || news;
        else if (!ask(b, why, sizeof why))
            news = note(url, why, now_ms) || news;
    }
    return news;
}

int64_t heartbeat_wait(const struct heartbeat *b, int64_t mono_ms, int64_t max_ms)
{
    const int64_t wait = b->next_ms - mono_ms;
    return b->answered || wait < 0 ? 0 : wait < max_ms ? wait : max_ms;
}
