/* SPDX-License-Identifier: MIT */
/* How this works: whatever a demo made is known by the configuration beside its store (STORE.demo.yaml, or demo.yaml in the demo's own
 * folder), whose first line says so; a store without it is never touched. The lock is an open-file-description lock on that file's
 * neighbour, so that it ends with the process however that ends, and is not passed on to the programs it starts. Each slot of the
 * demo's own folder is a folder, for operators' acts lie in acts/ beside a store. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include "sim/demo_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "model/money.h"
#include "sim/company.h"
#include "sim/serve.h"

enum { SLOTS_MAX = 16, CONFIG_MAX = 1 << 16, PER_MILLION = 1000000 };

static const char marker[] = "# Written by gwtop demo; removed and written again by the next one.";

/* Makes every missing folder of path, private to the user. */
static enum err make_folders(const char *path, struct errctx *ctx)
{
    char at[PROCESS_PATH_MAX];
    if (!str_format(at, sizeof at, "%s", path))
        return errctx_set(ctx, ERR_IO, "cannot make the folder %s: the path is too long", path);
    for (char *c = at + 1;; c++) {
        if (*c != '/' && *c != '\0')
            continue;
        char end = *c;
        *c = '\0';
        if (mkdir(at, 0700) != 0 && errno != EEXIST)
            return errctx_set(ctx, ERR_IO, "cannot make the folder %s: %s", at, strerror(errno));
        *c = end;
        if (end == '\0')
            return ERR_OK;
    }
}

static enum err own_folder(const char *kind, char ret[PROCESS_PATH_MAX], struct errctx *ctx)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    bool fits;
    if (state != NULL && state[0] == '/')
        fits = str_format(ret, PROCESS_PATH_MAX, "%s/gwtop/%s", state, kind);
    else if (home != NULL && home[0] == '/')
        fits = str_format(ret, PROCESS_PATH_MAX, "%s/.local/state/gwtop/%s", home, kind);
    else
        return errctx_set(ctx, ERR_IO,
                          "neither XDG_STATE_HOME nor HOME names a folder for the demo's store; set one, or give --store FILE");
    if (!fits)
        return errctx_set(ctx, ERR_IO, "the path of the demo's folder is too long; give --store FILE");
    return ERR_OK;
}

/* All names from the store's: /x/a.db has /x/a.demo.yaml, /x/a.demo-truth.json, /x/a.demo.log, /x/a.demo.lock. */
static bool name_files(struct demo_files *f, const char *stem, const char *infix)
{
    return str_format(f->config, sizeof f->config, "%s%s.yaml", stem, infix) &&
           str_format(f->truth, sizeof f->truth, "%s%s-truth.json", stem, infix) &&
           str_format(f->log, sizeof f->log, "%s%s.log", stem, infix);
}

/* ERR_BUSY when somebody has it. */
static enum err take_lock(struct demo_files *f, struct errctx *ctx)
{
    char path[PROCESS_PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!str_format(path, sizeof path, "%s.lock", f->config))
        return errctx_set(ctx, ERR_IO, "the path of the demo's store is too long");
    f->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (f->lock_fd < 0)
        return errctx_set(ctx, ERR_IO, "cannot make %s: %s", path, strerror(errno));
    if (fcntl(f->lock_fd, F_OFD_SETLK, &lock) == 0)
        return ERR_OK;
    close(f->lock_fd);
    f->lock_fd = -1;
    return errctx_set(ctx, ERR_BUSY, "another demo is using %s; give this one a --store FILE of its own", f->store);
}

/* Whether somebody's recorder has the store open: it holds STORE.lock. */
static bool is_recorded(const struct demo_files *f)
{
    char path[PROCESS_PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!str_format(path, sizeof path, "%s.lock", f->store))
        return true;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return held;
}

static bool made_by_demo(const struct demo_files *f)
{
    char line[sizeof marker] = "";
    int fd = open(f->config, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, line, sizeof marker - 1);
    close(fd);
    return n == (ssize_t)sizeof marker - 1 && memcmp(line, marker, sizeof marker - 1) == 0;
}

static enum err remove_old(const struct demo_files *f, struct errctx *ctx)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal", ".seen"};
    char path[PROCESS_PATH_MAX];
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        if (!str_format(path, sizeof path, "%s%s", f->store, suffixes[i]))
            return errctx_set(ctx, ERR_IO, "the path of the demo's store is too long");
        if (unlink(path) != 0 && errno != ENOENT)
            return errctx_set(ctx, ERR_IO, "cannot remove the earlier demo's %s: %s", path, strerror(errno));
    }
    return ERR_OK;
}

/* The user's own choice of a store. */
static enum err open_at(const char *store, struct demo_files *f, struct errctx *ctx)
{
    char stem[PROCESS_PATH_MAX];
    struct str name = str_of(store);
    struct stat st;
    if (str_has_suffix(name, ".db"))
        name.n -= 3;
    if (!str_copy(stem, sizeof stem, name) || !str_format(f->store, sizeof f->store, "%s", store) || !name_files(f, stem, ".demo"))
        return errctx_set(ctx, ERR_USAGE, "--store: the path is too long");
    if (stat(store, &st) == 0 && !made_by_demo(f))
        return errctx_set(ctx, ERR_USAGE, "%s exists and was not made by a demo; name another --store, or remove it", store);
    return take_lock(f, ctx);
}

/* What operators said in an earlier demo of this slot and no recorder took in. */
static void remove_acts(const char *folder)
{
    char path[PROCESS_PATH_MAX];
    DIR *acts = str_format(path, sizeof path, "%s/acts", folder) ? opendir(path) : NULL;
    if (acts == NULL)
        return;
    for (struct dirent *e = readdir(acts); e != NULL; e = readdir(acts)) {
        if (e->d_name[0] != '.')
            unlinkat(dirfd(acts), e->d_name, 0);
    }
    closedir(acts);
}

/* The first free slot of the demo's own folder: the folder itself, then 2/, 3/, ... in it. */
static enum err open_own(const char *kind, struct demo_files *f, struct errctx *ctx)
{
    char folder[PROCESS_PATH_MAX], slot_folder[PROCESS_PATH_MAX], stem[PROCESS_PATH_MAX], number[16];
    enum err err = own_folder(kind, folder, ctx);
    for (int slot = 1; err == ERR_OK && slot <= SLOTS_MAX; slot++) {
        str_format(number, sizeof number, "/%d", slot);
        if (!str_format(slot_folder, sizeof slot_folder, "%s%s", folder, slot == 1 ? "" : number) ||
            !str_format(stem, sizeof stem, "%s/%s", slot_folder, kind) || !str_format(f->store, sizeof f->store, "%s.db", stem) ||
            !name_files(f, stem, ""))
            return errctx_set(ctx, ERR_IO, "the path of the demo's folder is too long; give --store FILE");
        err = make_folders(slot_folder, ctx);
        err = err == ERR_OK ? take_lock(f, ctx) : err;
        if (err == ERR_OK && !is_recorded(f)) {
            remove_acts(slot_folder);
            return ERR_OK;
        }
        demo_files_close(f);
        err = err == ERR_BUSY ? ERR_OK : err; /* the next slot may be free */
    }
    return err != ERR_OK ? err : errctx_set(ctx, ERR_BUSY, "%d demos are running already; give this one a --store FILE", SLOTS_MAX);
}

enum err demo_files_open(const char *store, const char *kind, struct demo_files *ret, struct errctx *ctx)
{
    struct demo_files *f = calloc(1, sizeof *f); /* four paths are too much for a stack frame */
    if (f == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    f->lock_fd = -1;
    enum err err = store != NULL ? open_at(store, f, ctx) : open_own(kind, f, ctx);
    if (err == ERR_OK && is_recorded(f))
        err = errctx_set(ctx, ERR_BUSY, "a recorder is still writing %s; stop it, or give this demo another --store FILE", f->store);
    err = err == ERR_OK ? remove_old(f, ctx) : err;
    if (err == ERR_OK)
        *ret = *f;
    else
        demo_files_close(f);
    free(f);
    return err;
}

void demo_files_close(struct demo_files *f)
{
    if (f->lock_fd >= 0)
        close(f->lock_fd);
    f->lock_fd = -1;
}

static const char sources_and_goals[] = "sources:\n"
                                        "  - name: litellm\n"
                                        "    metrics: %s/metrics/\n"
                                        "    interval: 5s\n"
                                        "  - name: vllm-qwen\n"
                                        "    metrics: %s/vllm/qwen-72b/metrics\n"
                                        "    interval: 5s\n"
                                        "  - name: vllm-llama\n"
                                        "    metrics: %s/vllm/llama-8b/metrics\n"
                                        "    interval: 5s\n"
                                        "  - name: gpu-qwen\n"
                                        "    metrics: %s/dcgm/qwen-72b/metrics\n"
                                        "    interval: 5s\n"
                                        "  - name: gpu-llama\n"
                                        "    metrics: %s/dcgm/llama-8b/metrics\n"
                                        "    interval: 5s\n"
                                        "  - name: otel\n"
                                        "    metrics: %s/otel/metrics\n"
                                        "    interval: 5s\n"
                                        "slos:\n"
                                        "  - name: gpt-x availability\n"
                                        "    scope: model=gpt-x\n"
                                        "    availability: 99.9%%\n"
                                        "    period: 30d\n"
                                        "  - name: all models availability\n"
                                        "    availability: 99.5%%\n"
                                        "    period: 30d\n"
                                        "  - name: c-s availability\n"
                                        "    scope: model=c-s\n"
                                        "    availability: 99.9%%\n"
                                        "    period: 30d\n"
                                        "  - name: gpt-x ttft\n"
                                        "    scope: model=gpt-x\n"
                                        "    latency: {signal: ttft, objective: 95%%, threshold: 2s}\n"
                                        "    period: 30d\n"
                                        "  - name: llama-8b availability\n"
                                        "    scope: model=llama-8b\n"
                                        "    availability: 99.5%%\n"
                                        "    period: 30d\n"
                                        "  - name: qwen-72b ttft\n"
                                        "    scope: model=qwen-72b\n"
                                        "    latency: {signal: ttft, objective: 97%%, threshold: 5s}\n"
                                        "    period: 30d\n"
                                        "  - name: guardrail policy\n"
                                        "    scope: stage=guardrail,name=policy\n"
                                        "    latency: {signal: stage_latency, objective: 99%%, threshold: 500ms}\n"
                                        "    period: 30d\n"
                                        "  - name: retrieval\n"
                                        "    scope: stage=retrieval\n"
                                        "    latency: {signal: stage_latency, objective: 99%%, threshold: 640ms}\n"
                                        "    period: 30d\n"
                                        "budgets:\n"
                                        "  - name: all\n"
                                        "    limit: 120000 USD\n"
                                        "    period: month\n"
                                        "  - name: agents-f31a\n"
                                        "    scope: key=agents-f31a\n"
                                        "    limit: 650 USD\n"
                                        "    period: day\n";

/* Per million tokens; none where a provider has no such price. */
static enum err write_price(struct buf *text, const char *name, int64_t pusd)
{
    char usd[MONEY_WIDE_MAX];
    money_wide_format((money_wide)pusd * PER_MILLION * MONEY_WIDE_PER_PUSD, usd);
    return pusd > 0 ? buf_printf(text, ", %s: %s USD/M", name, usd) : ERR_OK;
}

/* What the company's providers ask, by which the simulated gateway books: its models are in no public list. */
static enum err write_prices(struct buf *text)
{
    enum err err = buf_printf(text, "prices:\n");
    for (int d = 0; d < DEPLOYMENT_COUNT && err == ERR_OK; d++) {
        const struct deployment *dep = company_deployment((enum deployment_id)d);
        err = buf_printf(text, "  - {model: %s, from: 2020-01-01", dep->id);
        err = err == ERR_OK ? write_price(text, "input", dep->input_pusd) : err;
        err = err == ERR_OK ? write_price(text, "cached", dep->cached_pusd) : err;
        err = err == ERR_OK ? write_price(text, "cache_write", dep->write_pusd) : err;
        err = err == ERR_OK ? write_price(text, "output", dep->output_pusd) : err;
        err = err == ERR_OK ? buf_printf(text, "}\n") : err;
    }
    return err;
}

/* The models on the company's own GPUs, and what their electricity costs. */
static enum err write_hosting(struct buf *text)
{
    return buf_printf(
        text, "hosting:\n"
              "  - {name: qwen, scope: model=qwen-72b, gpus: 4, gpu_hour: 2.10 USD, full_tokens_per_second: 12000, power: gpu-qwen}\n"
              "  - {name: llama, scope: model=llama-8b, gpus: 1, gpu_hour: 2.10 USD, full_tokens_per_second: 15000, power: gpu-llama}\n"
              "energy:\n"
              "  pue: 1.3\n"
              "  carbon: 340\n"
              "  tariff:\n"
              "    - {kwh: 0.21 USD}\n"
              "    - {kwh: 0.14 USD, hours: 22-06}\n");
}

enum err demo_files_write_config(const struct demo_files *f, const char *gateway, const char *url, struct errctx *ctx)
{
    struct buf text;
    buf_init(&text, CONFIG_MAX);
    enum err err = buf_printf(&text, "%s\ngateway: %s\n", marker, gateway);
    err = err == ERR_OK ? buf_printf(&text, sources_and_goals, url, url, url, url, url, url) : err;
    err = err == ERR_OK ? write_prices(&text) : err;
    err = err == ERR_OK ? write_hosting(&text) : err;
    err = err == ERR_OK ? serve_write_file(f->config, buf_str(&text), ctx) : errctx_set(ctx, err, "out of memory");
    buf_fini(&text);
    return err;
}
