/* SPDX-License-Identifier: MIT */
/* Third parties' status pages, which are not part of this project: usage: payloads_changes FOLDER. Without the folder it says "skipped:
 * why" and exits 77. Each body of the folder is also given to every adapter of changes, cut where it may be: none crashes, and none takes
 * what is no status page for one. */
#include "payloads/payload_files.h"
#include "source/source.h"

enum { EXIT_SKIPPED = 77, CUTS = 20, REQUESTS_MAX = 16 };
static const int64_t now_ms = INT64_C(1795000000000); /* 2026-11-18 */

struct heard {
    size_t pages, posted, changes;
    char first[256];
};

static bool on_event(void *ctx, const struct source_change *c)
{
    struct heard *h = ctx;
    (void)c;
    h->changes++;
    return true;
}

static bool on_page(void *ctx, const struct status_page *p)
{
    struct heard *h = ctx;
    h->pages++;
    h->posted = p->count;
    (void)str_copy(h->first, sizeof h->first, str_of(p->count > 0 ? p->posted[0].text : ""));
    return true;
}

static void on_warning(void *ctx, size_t line, const char *what, struct str text)
{
    (void)ctx;
    (void)line;
    (void)what;
    (void)text;
}

static struct heard listen_to(enum source_kind kind, const char *only, struct str body)
{
    const struct config_source cfg = {.name = "s",
                                      .kind = kind,
                                      .url = "http://h/incidents.json",
                                      .provider = "p",
                                      .only = &only,
                                      .only_count = only != NULL,
                                      .backfill_ms = now_ms,
                                      .max_body_bytes = PAYLOAD_MAX};
    struct heard h = {.pages = 0};
    const struct source_sink sink = {.ctx = &h, .event = on_event, .page = on_page, .warning = on_warning};
    const struct source_answer head = {.content_type = "", .etag = ""};
    struct source_request rq;
    struct source *s = NULL;
    transcript_must(source_ops_of(kind)->open(&cfg, NULL, &sink, &s, NULL) == ERR_OK, "out of memory");
    for (int i = 0; i < REQUESTS_MAX && s->ops->request(s, now_ms, &rq); i++) {
        s->ops->begin(s, &head);
        if (s->ops->feed(s, body.p, body.n, NULL) == ERR_OK)
            (void)!s->ops->finish(s, NULL);
    }
    s->ops->close(s);
    return h;
}

static const struct expected {
    const char *file, *before, *after, *only; /* what is put around it */
    size_t pages, posted, changes;
    const char *first;
} pages[] = {
    {"statuspage-github-indicator-none-open-incident.json", "", "", NULL, 1, 1, 1, "Incident across several services"},
    {"statuspage-github-indicator-none-open-incident.json", "", "", "API Requests", 1, 1, 1, "Incident across several services"},
    {"statuspage-incidentio-compat-openai-incident.json", "{\"incidents\":[", "]}", NULL, 1, 0, 2, ""},
    {"statuspage-incidentio-compat-openai-incident.json", "", "", NULL, 0, 0, 0, ""}, /* one incident is no page */
    {"gcp-status-incidents.json", "", "", NULL, 1, 2, 4, "Elevated BigQuery errors"},
    {"gcp-status-incidents.json", "", "", "Vertex", 1, 0, 0, ""},
    {"aws-health-currentevents.utf8.json", "", "", "me-central-1", 1, 1, 1, "Multiple services: Region Availability"},
    {"aws-health-currentevents.utf16.json", "", "", "me-central-1", 1, 1, 1, "Multiple services: Region Availability"},
    {"aws-health-currentevents.utf16.json", "", "", "us-east-1", 1, 0, 0, ""},
    {"aws-health-currentevents.utf16.json", "", "", NULL, 0, 0, 0, ""}, /* all regions are nothing that anybody asks about */
    {"azure-status-feed-empty.rss", "", "", NULL, 0, 0, 0, ""},
};

static int check_page(const char *folder, const struct expected *e)
{
    char path[1024];
    struct buf body, text;
    buf_init(&body, PAYLOAD_MAX);
    buf_init(&text, PAYLOAD_MAX);
    transcript_must(str_format(path, sizeof path, "%s/%s", folder, e->file), "path is too long");
    transcript_must(payload_read(path, &body), path);
    transcript_must(buf_append_z(&text, e->before) == ERR_OK && buf_append(&text, body.data, body.len) == ERR_OK &&
                        buf_append_z(&text, e->after) == ERR_OK,
                    "out of memory");
    const struct heard h = listen_to(SOURCE_STATUS_PAGE, e->only, buf_str(&text));
    const bool good = h.pages == e->pages && h.posted == e->posted && h.changes == e->changes && strcmp(h.first, e->first) == 0;
    if (!good)
        printf("FAILED %s (%s): %zu pages, %zu posted, %zu changes, '%s'\n", e->file, e->only != NULL ? e->only : "all", h.pages, h.posted,
               h.changes, h.first);
    buf_fini(&body);
    buf_fini(&text);
    return !good;
}

static bool is_page(const char *path)
{
    return strstr(path, "/statuspage-") != NULL || strstr(path, "/gcp-status") != NULL || strstr(path, "/aws-health") != NULL;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    int failures = 0;
    char **list = argc == 2 ? payload_list(argv[1], &count) : NULL;
    if (list == NULL) {
        printf("skipped: no folder of payloads at %s\n", argc == 2 ? argv[1] : "(none given)");
        return EXIT_SKIPPED;
    }
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        failures += check_page(argv[1], &pages[i]);
    for (size_t i = 0; i < count; i++) {
        struct buf body;
        buf_init(&body, PAYLOAD_MAX);
        transcript_must(payload_read(list[i], &body), list[i]);
        for (int cut = 1; cut <= CUTS; cut++) {
            const struct str part = {body.data, body.len * (size_t)cut / CUTS};
            for (enum source_kind k = SOURCE_CHANGES; k <= SOURCE_STATUS_PAGE; k++) {
                const struct heard h = listen_to(k, NULL, part);
                if (h.pages > 0 && !is_page(list[i])) {
                    printf("FAILED %s: taken for a status page\n", list[i]);
                    failures++;
                }
            }
        }
        buf_fini(&body);
        free(list[i]);
    }
    free(list);
    printf("%zu bodies, %d failures\n", count, failures);
    return failures > 0;
}
