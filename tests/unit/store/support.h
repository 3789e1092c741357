/* SPDX-License-Identifier: MIT */
/* What the store's tests share: a directory of their own, and a writer whose clock stands still. */
#ifndef GWTOP_TESTS_UNIT_STORE_SUPPORT_H
#define GWTOP_TESTS_UNIT_STORE_SUPPORT_H

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/store.h"

#define T0 INT64_C(1763953200000) /* 2025-11-24T03:00:00Z, a whole hour */

struct place {
    char dir[64], db[96];
};

static inline void place_init(struct place *p)
{
    /* memory where there is some: a commit waits for the disk, and these tests ask for sums, not for durability */
    strcpy(p->dir, access("/dev/shm", W_OK) == 0 ? "/dev/shm/gwtop-store-XXXXXX" : "/tmp/gwtop-store-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(p->dir));
    snprintf(p->db, sizeof p->db, "%s/store.db", p->dir);
}

/* One level of directories below is enough here. */
static inline void remove_dir(const char *dir)
{
    DIR *d = opendir(dir);
    char path[1024];

    if (d == NULL)
        return;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%.700s/%.255s", dir, f->d_name);
        if (unlink(path) != 0)
            remove_dir(path);
    }
    closedir(d);
    rmdir(dir);
}

static inline void place_fini(struct place *p)
{
    remove_dir(p->dir);
}

#define OK(call)                                                                                                                           \
    do {                                                                                                                                   \
        enum err e_ = (call);                                                                                                              \
        ck_assert_msg(e_ == ERR_OK, "%s: %s: %s", #call, err_name(e_), ctx.text);                                                          \
    } while (0)

static inline struct store *open_writer(const struct place *p)
{
    struct store *st = NULL;
    struct errctx ctx = {.text = ""};
    static struct clock_manual manual = {.wall_ms = T0, .mono_ms = 1000};
    struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true};

    enum err e = store_open_writer(p->db, &opt, &clock, &st, &ctx);
    ck_assert_msg(e == ERR_OK, "open_writer: %s: %s", err_name(e), ctx.text);
    return st;
}

static inline struct store *open_reader(const struct place *p)
{
    struct store *st = NULL;
    struct errctx ctx = {.text = ""};

    enum err e = store_open_reader(p->db, &st, &ctx);
    ck_assert_msg(e == ERR_OK, "open_reader: %s: %s", err_name(e), ctx.text);
    return st;
}

static inline uint32_t put_source(struct store *st, const char *name)
{
    const struct source_status s = {
        .name = name, .kind = "metrics", .url = "http://127.0.0.1:1/metrics", .gateway = "gw", .profile = "litellm", .interval_ms = 15000};
    struct errctx ctx = {.text = ""};
    uint32_t id = 0;

    OK(store_put_source(st, &s, &id, &ctx));
    return id;
}

static inline uint32_t put_string(struct store *st, const char *z)
{
    struct errctx ctx = {.text = ""};
    uint32_t id = 0;

    OK(store_string(st, str_of(z), &id, &ctx));
    return id;
}

#endif
