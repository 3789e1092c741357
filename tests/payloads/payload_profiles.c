/* SPDX-License-Identifier: MIT */
/* What the built-in profiles make of recorded pages of the real systems: each page is recognised, none of its families is unknown, and
 * exactly the samples that must not count are left out. usage: payload_profiles FOLDER (77: it is not there) */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/exposition.h"
#include "source/profile.h"

enum { FAMILIES_MAX = 3000, PAGE_MAX = 16 << 20, SKIPPED = 77 };

struct page {
    const struct profile *profile;
    size_t kept, left_out, ignored, unknown;
    struct str first_unknown;
};

static const struct {
    const char *file, *profile;
    size_t kept, left_out, unknown;
} pages[] = {
    /* 12 of the 13 failures are the admin interface's own 401s, and so is one of the three request series */
    {"litellm-real-dump-excerpt.prom", "litellm", 66, 13, 0},
    {"litellm-deployment_state-contradictory.prom", "litellm", 4, 0, 0},
    {"vllm-0.29-waiting-by-reason.txt", "vllm", 3, 0, 0},
    {"vllm-multiproc-pid-label.txt", "vllm", 8, 0, 0},
    {"vllm-v0-aibrix-test.txt", "vllm", 7, 0, 0},
    {"envoy-ai-gateway-metrics.prom", "otel-genai", 7, 2, 0},
    {"triton-docs-0.txt", "triton", 7, 0, 0},
    {"triton-docs-1.txt", "triton", 0, 0, 0},
    {"triton-trtllm-backend-2.txt", "triton", 5, 0, 0},
    {"triton-trtllm-backend-0.txt", "triton", 2, 8, 0},
    {"agentgateway-mcp-metrics-snippet.txt", "agentgateway", 4, 0, 0},
    {"dcgm-exporter-mig-sample.txt", "dcgm", 2, 0, 0},
    {"dcgm-exporter-blank-sentinel.txt", "dcgm", 0, 0, 0},
    {"dcgm-exporter-h100-Hostname-old-label.txt", "dcgm", 0, 0, 0},
    {"alertmanager-0.27.0-metrics.txt", NULL, 0, 0, 0},
    {"sglang-docs-metrics.txt", NULL, 0, 0, 0},
    {"apisix-metrics.prom", NULL, 0, 0, 0},
    {"kong-3.10-ai-samples.prom", NULL, 0, 0, 0},
};

static bool is_ignored(const struct profile *p, struct str name)
{
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    bool ignored = profile_ignores(p, name);
    for (size_t i = 0; i < 3; i++)
        if (str_has_suffix(name, suffixes[i]))
            ignored = ignored || profile_ignores(p, (struct str){name.p, name.n - strlen(suffixes[i])});
    return ignored;
}

static bool on_sample(void *ctx, const struct expo_sample *s)
{
    struct page *page = ctx;
    struct profile_pair pairs[EXPO_LABELS_MAX];
    struct str dims[DIM_COUNT];
    enum profile_sample sample;
    bool kept = false;
    const struct profile_metric *m = profile_find_sample(page->profile, s->name, &sample);
    if (m == NULL && is_ignored(page->profile, s->name)) {
        page->ignored++;
        return true;
    }
    page->unknown += m == NULL;
    for (size_t i = 0; i < s->label_count; i++)
        pairs[i] = (struct profile_pair){s->labels[i].name, s->labels[i].value};
    for (const struct profile_metric *row = m; row != NULL; row = profile_next(page->profile, row))
        kept = profile_fold(page->profile, row, pairs, s->label_count, dims) || kept;
    page->kept += kept;
    page->left_out += m != NULL && !kept;
    return true;
}

struct families {
    struct str list[FAMILIES_MAX];
    size_t count;
    struct arena *arena;
};

static bool on_name(void *ctx, const struct expo_sample *s)
{
    struct families *f = ctx;
    if (f->count < FAMILIES_MAX)
        f->list[f->count++] = str_of(arena_strdup(f->arena, s->name));
    return true;
}

static bool read_all(const struct expo_handler *h, const char *text, size_t n)
{
    struct expo *e = expo_new(h, PAGE_MAX);
    bool ok = e != NULL && expo_feed(e, text, n) == ERR_OK && expo_finish(e) == ERR_OK;
    expo_free(e);
    return ok;
}

static bool check(const struct profiles *ps, const char *folder, size_t i, char *text)
{
    char path[4096];
    struct arena a;
    static struct families f;
    (void)str_format(path, sizeof path, "%s/%s", folder, pages[i].file);
    FILE *in = fopen(path, "r");
    if (in == NULL) {
        printf("FAIL %s: cannot be read\n", pages[i].file);
        return false;
    }
    size_t n = fread(text, 1, PAGE_MAX, in);
    fclose(in);
    arena_init(&a, PAGE_MAX);
    f = (struct families){.arena = &a};
    bool ok = read_all(&(struct expo_handler){.on_sample = on_name, .ctx = &f}, text, n);
    struct page page = {.profile = profiles_recognise(ps, f.list, f.count)};
    const char *got = page.profile != NULL ? page.profile->name : "none", *want = pages[i].profile != NULL ? pages[i].profile : "none";
    if (page.profile != NULL)
        ok = read_all(&(struct expo_handler){.on_sample = on_sample, .ctx = &page}, text, n) && ok;
    arena_fini(&a);
    ok = ok && strcmp(got, want) == 0 && page.kept == pages[i].kept && page.left_out == pages[i].left_out &&
         page.unknown == pages[i].unknown;
    printf("%s %s: profile %s, %zu kept, %zu left out, %zu ignored, %zu unknown\n", ok ? "ok  " : "FAIL", pages[i].file, got, page.kept,
           page.left_out, page.ignored, page.unknown);
    return ok;
}

int main(int argc, char **argv)
{
    struct arena a;
    struct profiles ps;
    struct errctx ctx;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    if (folder == NULL) {
        printf("skipped: the recorded pages of other systems are not here\n");
        return SKIPPED;
    }
    closedir(folder);
    arena_init(&a, 64 << 20);
    char *text = malloc(PAGE_MAX);
    if (text == NULL || profiles_load(NULL, &a, &ps, &ctx) != ERR_OK)
        return EXIT_FAILURE;
    int failed = 0;
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        failed += !check(&ps, argv[1], i, text);
    free(text);
    arena_fini(&a);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
