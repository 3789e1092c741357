/* SPDX-License-Identifier: MIT */
/* How often the suspects' first guess is right: real incidents of a video network with known causes (RobustSpot-RS; five
 * dimensions, bad and all requests per leaf and minute). The past is everything before the incident's minute. A guess is right when it names a true cause exactly.
 * Data: ../shared/bench/RobustSpot-RS beside the project, or the directory given; without it there is nothing to measure.
 * The peer is the same scan by the share of the excess alone ("who has most of it?"), which is what one does by eye. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "analysis/suspects.h"
#include "config/yaml.h"

enum { DIMS = 5, LEAVES_MAX = 16384, TEXT_MAX = 8 << 20, CAUSES_MAX = 4 };
static const char *const names[DIMS] = {"cdn", "p2p", "device", "bitrate", "isp"};
static const enum dim stands_for[DIMS] = {DIM_PROVIDER, DIM_REGION, DIM_DEPLOYMENT, DIM_MODEL, DIM_TEAM};

struct cause {
    uint32_t id[DIMS]; /* 0 = any */
};

struct bench {
    char text[TEXT_MAX];
    struct suspect_cell cells[LEAVES_MAX];
    size_t count;
    uint64_t leaf[LEAVES_MAX]; /* hash-free look-up is fast enough: leaves come in the same order each minute */
    struct intern *strings;
};

static bool read_file(const char *path, char *out, size_t cap, struct str *ret)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    size_t n = fread(out, 1, cap - 1, f);
    fclose(f);
    *ret = (struct str){out, n};
    return n < cap - 1;
}

static struct str cut(struct str *rest, char at)
{
    const char *p = memchr(rest->p, at, rest->n);
    size_t n = p != NULL ? (size_t)(p - rest->p) : rest->n;
    struct str head = {rest->p, n};
    rest->p += p != NULL ? n + 1 : n;
    rest->n -= p != NULL ? n + 1 : n;
    return head;
}

static uint32_t intern_it(struct bench *b, struct str s)
{
    uint32_t id = 0;
    if (intern_add(b->strings, s, &id) != ERR_OK)
        exit(EXIT_FAILURE);
    return id;
}

static struct suspect_cell *cell_of(struct bench *b, const uint32_t id[DIMS])
{
    for (size_t i = 0; i < b->count; i++) {
        bool same = true;
        for (int d = 0; d < DIMS && same; d++)
            same = b->cells[i].dim[stands_for[d]] == id[d];
        if (same)
            return &b->cells[i];
    }
    if (b->count == LEAVES_MAX)
        return NULL;
    struct suspect_cell *c = &b->cells[b->count++];
    memset(c, 0, sizeof *c);
    for (int d = 0; d < DIMS; d++)
        c->dim[stands_for[d]] = id[d];
    return c;
}

/* min,cdn,p2p,device,bitrate,isp,value,cnt; columns by the header's names. */
static bool read_case(struct bench *b, const char *path, int64_t now_s)
{
    struct str rest;
    int column[DIMS + 3];
    if (!read_file(path, b->text, sizeof b->text, &rest))
        return false;
    struct str header = cut(&rest, '\n');
    b->count = 0;
    for (int i = 0; i < DIMS + 3; i++)
        column[i] = -1;
    for (int i = 0; header.n > 0 && i < 16; i++) {
        struct str name = cut(&header, ',');
        if (name.n > 0 && name.p[name.n - 1] == '\r')
            name.n--;
        for (int d = 0; d < DIMS; d++)
            if (str_eq_z(name, names[d]))
                column[d] = i;
        if (str_eq_z(name, "value"))
            column[DIMS] = i;
        if (str_eq_z(name, "cnt"))
            column[DIMS + 1] = i;
        if (str_eq_z(name, "min") || str_eq_z(name, "timestamp"))
            column[DIMS + 2] = i;
    }
    while (rest.n > 0) {
        struct str line = cut(&rest, '\n'), field[16] = {{NULL, 0}};
        uint32_t id[DIMS];
        double bad = 0, n = 0;
        int64_t at = 0;
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        for (int i = 0; line.n > 0 && i < 16; i++)
            field[i] = cut(&line, ',');
        for (int d = 0; d < DIMS; d++)
            id[d] = column[d] >= 0 ? intern_it(b, field[column[d]]) : 0;
        if (!str_to_f64(field[column[DIMS]], &bad) || !str_to_f64(field[column[DIMS + 1]], &n) ||
            !str_to_i64(field[column[DIMS + 2]], &at) || at > now_s)
            continue;
        struct suspect_cell *c = cell_of(b, id);
        if (c == NULL)
            continue;
        if (at == now_s) {
            c->n += (uint64_t)n;
            c->by_class[OUTCOME_5XX] += (uint64_t)bad;
        } else {
            c->past_n += (uint64_t)n;
            c->past_bad += (uint64_t)bad;
        }
    }
    return true;
}

static bool read_cause(struct bench *b, const struct yaml_node *n, struct cause *ret)
{
    memset(ret, 0, sizeof *ret);
    for (int d = 0; n->kind == YAML_MAPPING && d < DIMS; d++) {
        const struct yaml_node *v = yaml_get(n, names[d]);
        if (v != NULL)
            ret->id[d] = intern_it(b, v->text);
    }
    return n->kind == YAML_MAPPING;
}

static bool is_cause(const struct suspect *s, const struct cause *c)
{
    uint32_t id[DIMS] = {0};
    for (uint32_t i = 0; i < s->dim_count; i++)
        for (int d = 0; d < DIMS; d++)
            if (stands_for[d] == s->dim[i])
                id[d] = s->id[i];
    return memcmp(id, c->id, sizeof id) == 0;
}

/* By eye: the single value with most failures more than usual. */
static bool most_excess_is(const struct bench *b, const struct cause *causes, size_t count)
{
    double best = -1;
    struct cause guess = {{0}};
    for (int d = 0; d < DIMS; d++) {
        for (size_t i = 0; i < b->count; i++) {
            double excess = 0;
            uint32_t id = b->cells[i].dim[stands_for[d]];
            for (size_t k = 0; k < b->count; k++) {
                const struct suspect_cell *c = &b->cells[k];
                if (c->dim[stands_for[d]] == id)
                    excess +=
                        (double)c->by_class[OUTCOME_5XX] - (c->past_n > 0 ? (double)c->n * (double)c->past_bad / (double)c->past_n : 0);
            }
            if (excess > best) {
                best = excess;
                memset(&guess, 0, sizeof guess);
                guess.id[d] = id;
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        if (memcmp(&guess, &causes[i], sizeof guess) == 0)
            return true;
    return false;
}

int main(int argc, char **argv)
{
    static struct bench b;
    static char labels[1 << 20];
    const char *dir = argc > 1 ? argv[1] : BENCH_DATA "/RobustSpot-RS";
    char path[4096];
    struct str text;
    struct arena a;
    const struct yaml_node *root;
    struct errctx ctx = {.text = ""};
    int cases = 0, first = 0, three = 0, eye = 0, none = 0, single = 0, single_first = 0;
    clock_t spent = 0;

    snprintf(path, sizeof path, "%s/anomaly.yaml", dir);
    if (!read_file(path, labels, sizeof labels, &text)) {
        printf("bench_suspects: skipped: no data in %s\n", dir);
        return EXIT_SUCCESS;
    }
    arena_init(&a, 64 << 20);
    b.strings = intern_new(100000);
    if (b.strings == NULL || yaml_parse(text, "anomaly.yaml", &a, &root, &ctx) != ERR_OK) {
        fprintf(stderr, "bench_suspects: %s\n", ctx.text);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < root->count; i++) {
        const struct yaml_node *data = yaml_get(root->items[i], "data"), *at = yaml_get(root->items[i], "timestamp"),
                               *cause = yaml_get(root->items[i], "cause");
        struct cause causes[CAUSES_MAX];
        size_t count = 0;
        int64_t now_s = 0;
        if (data == NULL || at == NULL || cause == NULL || !str_to_i64(at->text, &now_s))
            continue;
        for (size_t k = 0; cause->kind == YAML_SEQUENCE && k < cause->count && count < CAUSES_MAX; k++)
            count += read_cause(&b, cause->items[k], &causes[count]);
        count += cause->kind == YAML_MAPPING && read_cause(&b, cause, &causes[count]);
        snprintf(path, sizeof path, "%s/%.*s.csv", dir, (int)data->text.n, data->text.p);
        if (count == 0 || !read_case(&b, path, now_s))
            continue;
        struct suspects_input in = {.table_count = 1, .strings = b.strings};
        in.table[0] = (struct suspect_table){.cells = b.cells, .count = b.count};
        for (int d = 0; d < DIMS; d++)
            in.table[0].dims |= DIM_BIT(stands_for[d]);
        struct arena frame;
        struct suspect *list;
        size_t n;
        const char *note;
        arena_init(&frame, 64 << 20);
        clock_t t0 = clock();
        if (suspects_rank(&in, &frame, &list, &n, &note) != ERR_OK)
            return EXIT_FAILURE;
        spent += clock() - t0;
        bool hit1 = false, hit3 = false;
        for (size_t s = 0; s < n && s < 3; s++) {
            for (size_t c = 0; c < count; c++) {
                hit3 = hit3 || is_cause(&list[s], &causes[c]);
                hit1 = hit1 || (s == 0 && is_cause(&list[s], &causes[c]));
            }
        }
        size_t depth = 0;
        for (int d = 0; d < DIMS; d++)
            depth += causes[0].id[d] != 0;
        if (argc > 2 && !hit1)
            printf("%.*s: %s (%s)\n", (int)data->text.n, data->text.p, n > 0 ? list[0].title : note, n > 1 ? list[1].title : "");
        cases++;
        first += hit1;
        three += hit3;
        none += n == 0;
        single += depth == 1;
        single_first += depth == 1 && hit1;
        eye += most_excess_is(&b, causes, count);
        arena_fini(&frame);
    }
    if (cases == 0) {
        printf("bench_suspects: skipped: no case of %s could be read\n", dir);
        return EXIT_SUCCESS;
    }
    printf("%d real incidents: first guess right %.3f, among the first three %.3f, abstained %d\n", cases, (double)first / cases,
           (double)three / cases, none);
    printf("of those with a single value to blame: %.3f of %d\n", single > 0 ? (double)single_first / single : 0, single);
    printf("peer, most failures beyond the usual: %.3f\n", (double)eye / cases);
    printf("%.2f ms per incident\n", 1000.0 * (double)spent / CLOCKS_PER_SEC / cases);
    intern_free(b.strings);
    arena_fini(&a);
    return EXIT_SUCCESS;
}
