/* SPDX-License-Identifier: MIT */
/* How this works: the pattern is parsed into a tree, the tree is written out as a small program (read a byte of a set, go both ways, is
 * this an end of the text), repetitions as copies. A search then keeps the set of instructions that the text read so far can have led
 * to. */
#include "base/ere.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NODES_MAX = 2 * ERE_PATTERN_MAX + 2, CODE_MAX = 3 * ERE_PLACES_MAX + 2, UNBOUNDED = ERE_PLACES_MAX + 1 };

struct set {
    uint64_t bits[4]; /* of bytes */
};

enum node_kind { NODE_EMPTY, NODE_SET, NODE_BEGIN, NODE_END, NODE_THEN, NODE_OR, NODE_REPEAT };
struct node {
    enum node_kind kind;
    uint16_t a, b;   /* THEN, OR: both; REPEAT: a */
    uint16_t lo, hi; /* REPEAT; hi UNBOUNDED = as often as one likes */
    struct set set;
};

enum op { OP_SET, OP_BEGIN, OP_END, OP_BOTH, OP_FOUND };
struct inst {
    uint8_t op;
    uint16_t node;    /* SET: whose set */
    uint16_t to, or_; /* BOTH: where to; the others go on with the next */
};

/* The instructions that may come next, each once. */
struct threads {
    uint16_t at[CODE_MAX], count;
    uint16_t sparse[CODE_MAX];
};

struct ere {
    struct node nodes[NODES_MAX];
    uint16_t node_count;
    struct inst code[CODE_MAX];
    uint16_t code_count;
    struct threads threads[2];
    uint16_t stack[CODE_MAX];
    /* while it is read */
    const char *p;
    int depth;
    const char *fault;
};

/* ---- sets of bytes ---- */

static void set_add(struct set *s, unsigned char c)
{
    s->bits[c / 64] |= UINT64_C(1) << c % 64;
}

static bool set_has(const struct set *s, unsigned char c)
{
    return (s->bits[c / 64] >> c % 64 & 1) != 0;
}

static void set_invert(struct set *s)
{
    for (size_t i = 0; i < 4; i++)
        s->bits[i] = ~s->bits[i];
}

/* ---- reading ---- */

static uint16_t read_either(struct ere *e);

static uint16_t new_node(struct ere *e, enum node_kind kind)
{
    if (e->node_count == NODES_MAX) { /* cannot be: a byte makes two at most */
        e->fault = "it is too long";
        return 0;
    }
    e->nodes[e->node_count] = (struct node){.kind = kind};
    return e->node_count++;
}

static bool read_class(struct ere *e, struct set *s)
{
    static const struct {
        const char *name;
        int (*is)(int c);
    } classes[] = {{"alnum", isalnum}, {"alpha", isalpha}, {"blank", isblank}, {"cntrl", iscntrl},
                   {"digit", isdigit}, {"graph", isgraph}, {"lower", islower}, {"print", isprint},
                   {"punct", ispunct}, {"space", isspace}, {"upper", isupper}, {"xdigit", isxdigit}};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const size_t n = strlen(classes[i].name);
        if (strncmp(e->p + 2, classes[i].name, n) != 0 || strncmp(e->p + 2 + n, ":]", 2) != 0)
            continue;
        for (int c = 0; c < 128; c++)
            if (classes[i].is(c))
                set_add(s, (unsigned char)c);
        e->p += n + 4;
        return true;
    }
    e->fault = "[: :] holds no class that POSIX has";
    return false;
}

/* From [ to ]. */
static void read_set(struct ere *e, struct set *s)
{
    const bool inverted = *++e->p == '^';
    e->p += inverted;
    const char *first = e->p;
    while (e->fault == NULL && (*e->p != ']' || e->p == first)) {
        unsigned char from = (unsigned char)*e->p, to = from;
        if (from == '\0') {
            e->fault = "a [ is not closed";
        } else if (from == '[' && (e->p[1] == '.' || e->p[1] == '=')) {
            e->fault = "[.x.] and [=x=] are not taken";
        } else if (from == '[' && e->p[1] == ':') {
            (void)read_class(e, s);
            continue;
        } else if (e->p[1] == '-' && e->p[2] != ']' && e->p[2] != '\0') {
            to = (unsigned char)e->p[2];
            e->p += 2;
            if (to < from)
                e->fault = "a range in [ ] ends before it begins";
        }
        for (unsigned c = from; c <= to; c++)
            set_add(s, (unsigned char)c);
        e->p++;
    }
    e->p += e->fault == NULL;
    if (inverted)
        set_invert(s);
}

static void read_escape(struct ere *e, struct set *s)
{
    const unsigned char c = (unsigned char)*++e->p;
    if (c >= '1' && c <= '9')
        e->fault = "a back-reference has no bound on its cost";
    else if (c == '\0')
        e->fault = "it ends with a backslash";
    else if (isalnum(c))
        e->fault = "a backslash before a letter is not POSIX: write [0-9] for \\d, [[:space:]] for \\s";
    else
        set_add(s, c);
    e->p += c != '\0';
}

static uint16_t read_group(struct ere *e)
{
    e->p++;
    if (++e->depth > ERE_DEPTH_MAX)
        e->fault = "its parentheses are nested too deeply";
    const uint16_t inner = e->fault == NULL ? read_either(e) : 0;
    e->depth--;
    if (e->fault == NULL && *e->p != ')')
        e->fault = "a ( is not closed";
    e->p += e->fault == NULL;
    return inner;
}

static uint16_t read_atom(struct ere *e)
{
    if (*e->p == '(')
        return read_group(e);
    if (*e->p == '^' || *e->p == '$')
        return new_node(e, *e->p++ == '^' ? NODE_BEGIN : NODE_END);
    if (strchr("*+?{", *e->p) != NULL) {
        e->fault = "a repetition has nothing before it; for the character, put it in [ ]";
        return 0;
    }
    const uint16_t n = new_node(e, NODE_SET);
    struct set *s = &e->nodes[n].set;
    if (*e->p == '[') {
        read_set(e, s);
    } else if (*e->p == '\\') {
        read_escape(e, s);
    } else if (*e->p == '.') {
        set_invert(s);
        e->p++;
    } else {
        set_add(s, (unsigned char)*e->p++);
    }
    return n;
}

static bool read_count(struct ere *e, uint16_t *ret)
{
    const char *first = e->p;
    uint32_t v = 0;
    for (; *e->p >= '0' && *e->p <= '9'; e->p++)
        v = v > ERE_PLACES_MAX ? v : v * 10 + (uint32_t)(*e->p - '0');
    if (v > ERE_PLACES_MAX)
        e->fault = "with its repetitions it is too large";
    *ret = (uint16_t)v;
    return e->p > first;
}

/* {n}, {n,}, {n,m} */
static void read_counts(struct ere *e, uint16_t *ret_lo, uint16_t *ret_hi)
{
    e->p++;
    bool good = read_count(e, ret_lo);
    *ret_hi = *ret_lo;
    if (*e->p == ',') {
        e->p++;
        if (!read_count(e, ret_hi))
            *ret_hi = UNBOUNDED;
    }
    good = good && *e->p == '}' && *ret_hi >= *ret_lo;
    if (!good && e->fault == NULL)
        e->fault = "after { come one or two rising numbers and }; for the character, write [{]";
    e->p += good;
}

static uint16_t read_repeated(struct ere *e)
{
    uint16_t n = read_atom(e), lo, hi;
    while (e->fault == NULL && *e->p != '\0' && strchr("*+?{", *e->p) != NULL) {
        if (*e->p == '{') {
            read_counts(e, &lo, &hi);
        } else {
            lo = *e->p == '+';
            hi = *e->p++ == '?' ? 1 : UNBOUNDED;
        }
        const uint16_t of = n;
        n = new_node(e, NODE_REPEAT);
        e->nodes[n].a = of;
        e->nodes[n].lo = lo;
        e->nodes[n].hi = hi;
    }
    return n;
}

static uint16_t join(struct ere *e, enum node_kind kind, uint16_t a, uint16_t b)
{
    const uint16_t n = new_node(e, kind);
    e->nodes[n].a = a;
    e->nodes[n].b = b;
    return n;
}

static uint16_t read_sequence(struct ere *e)
{
    if (*e->p == '\0' || *e->p == '|' || *e->p == ')')
        return new_node(e, NODE_EMPTY);
    uint16_t n = read_repeated(e);
    while (e->fault == NULL && *e->p != '\0' && *e->p != '|' && *e->p != ')')
        n = join(e, NODE_THEN, n, read_repeated(e));
    return n;
}

static uint16_t read_either(struct ere *e)
{
    uint16_t n = read_sequence(e);
    while (e->fault == NULL && *e->p == '|') {
        e->p++;
        n = join(e, NODE_OR, n, read_sequence(e));
    }
    return n;
}

/* ---- writing it out ---- */

static void write_node(struct ere *e, uint16_t n);

static uint16_t put(struct ere *e, enum op op)
{
    if (e->code_count == CODE_MAX) {
        e->fault = "with its repetitions it is too large";
        return 0;
    }
    e->code[e->code_count] = (struct inst){.op = (uint8_t)op};
    return e->code_count++;
}

/* a|b, a? with b the empty one. */
static void write_or(struct ere *e, uint16_t a, uint16_t b)
{
    const uint16_t fork = put(e, OP_BOTH);
    write_node(e, a);
    const uint16_t over = put(e, OP_BOTH);
    e->code[fork].to = (uint16_t)(fork + 1);
    e->code[fork].or_ = e->code_count;
    write_node(e, b);
    e->code[over].to = e->code[over].or_ = e->code_count;
}

static void write_repeat(struct ere *e, const struct node *n)
{
    for (uint16_t i = 0; i < n->lo && e->fault == NULL; i++)
        write_node(e, n->a);
    if (n->hi == UNBOUNDED) {
        const uint16_t fork = put(e, OP_BOTH);
        write_node(e, n->a);
        const uint16_t back = put(e, OP_BOTH);
        e->code[back].to = e->code[back].or_ = fork;
        e->code[fork].to = (uint16_t)(fork + 1);
        e->code[fork].or_ = e->code_count;
        return;
    }
    for (uint16_t i = n->lo; i < n->hi && e->fault == NULL; i++) {
        const uint16_t fork = put(e, OP_BOTH);
        write_node(e, n->a);
        e->code[fork].to = (uint16_t)(fork + 1);
        e->code[fork].or_ = e->code_count;
    }
}

static void write_node(struct ere *e, uint16_t at)
{
    const struct node *n = &e->nodes[at];
    if (e->fault != NULL)
        return;
    switch (n->kind) {
    case NODE_EMPTY: break;
    case NODE_SET: e->code[put(e, OP_SET)].node = at; break;
    case NODE_BEGIN: (void)put(e, OP_BEGIN); break;
    case NODE_END: (void)put(e, OP_END); break;
    case NODE_THEN:
        write_node(e, n->a);
        write_node(e, n->b);
        break;
    case NODE_OR: write_or(e, n->a, n->b); break;
    case NODE_REPEAT: write_repeat(e, n); break;
    }
}

enum err ere_new(const char *pattern, struct ere **ret, struct errctx *ctx)
{
    if (strlen(pattern) > ERE_PATTERN_MAX)
        return errctx_set(ctx, ERR_CONFIG, "a regular expression has at most %d bytes", ERE_PATTERN_MAX);
    struct ere *e = calloc(1, sizeof *e);
    if (e == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for a regular expression");
    e->p = pattern;
    const uint16_t root = read_either(e);
    if (e->fault == NULL && *e->p == ')')
        e->fault = "a ) closes nothing";
    write_node(e, root);
    (void)put(e, OP_FOUND);
    if (e->fault != NULL) {
        (void)errctx_set(ctx, ERR_CONFIG, "no regular expression: %s", e->fault);
        free(e);
        return ERR_CONFIG;
    }
    *ret = e;
    return ERR_OK;
}

void ere_free(struct ere *e)
{
    free(e);
}

/* ---- searching ---- */

static bool has_thread(const struct threads *t, uint16_t pc)
{
    return t->sparse[pc] < t->count && t->at[t->sparse[pc]] == pc;
}

/* Adds pc, which is not among them, and what it leads to without a byte being read; whether that is the end. */
static bool follow(struct ere *e, struct threads *t, uint16_t pc, bool at_begin, bool at_end)
{
    uint16_t n = 0;
    e->stack[n++] = pc;
    t->sparse[pc] = t->count;
    t->at[t->count++] = pc;
    while (n > 0) {
        const struct inst *i = &e->code[pc = e->stack[--n]];
        uint16_t next[2] = {(uint16_t)(pc + 1), (uint16_t)(pc + 1)};
        if (i->op == OP_FOUND)
            return true;
        if (i->op == OP_SET || (i->op == OP_BEGIN && !at_begin) || (i->op == OP_END && !at_end))
            continue;
        if (i->op == OP_BOTH) {
            next[0] = i->to;
            next[1] = i->or_;
        }
        for (size_t k = 0; k < 2; k++) {
            if (has_thread(t, next[k]))
                continue;
            t->sparse[next[k]] = t->count;
            t->at[t->count++] = next[k];
            e->stack[n++] = next[k];
        }
    }
    return false;
}

bool ere_found(struct ere *e, struct str text)
{
    struct threads *now = &e->threads[0], *then = &e->threads[1];
    now->count = 0;
    for (size_t i = 0;; i++) {
        if (!has_thread(now, 0) && follow(e, now, 0, i == 0, i == text.n)) /* a match may begin here */
            return true;
        if (i == text.n)
            return false;
        then->count = 0;
        for (uint16_t k = 0; k < now->count; k++) {
            const uint16_t pc = now->at[k];
            const bool reads = e->code[pc].op == OP_SET && set_has(&e->nodes[e->code[pc].node].set, (unsigned char)text.p[i]);
            if (reads && !has_thread(then, (uint16_t)(pc + 1)) && follow(e, then, (uint16_t)(pc + 1), false, i + 1 == text.n))
                return true;
        }
        struct threads *other = now;
        now = then;
        then = other;
    }
}
