/* SPDX-License-Identifier: MIT */
#include "ui/draw/mask.h"

#include <stdint.h>

#include "base/hash.h"
#include "base/str.h"

bool mask_applies(enum dim d)
{
    return d == DIM_TEAM || d == DIM_KEY;
}

static bool is_no_name(struct str name)
{
    return name.n == 0 || name.p[0] == '(' || str_eq_z(name, "other") || str_eq_z(name, "total"); /* "(none)", "(no team)" */
}

static void put_pseudonym(const char *kind, struct str name, char *out, size_t cap)
{
    unsigned digest = (unsigned)(hash_bytes(name.p, name.n, 0) & 0xffff); /* key 0: the same on every screen and in every export */
    (void)str_format(out, cap, "%s-%04x", kind, digest);
}

const char *mask_name(bool on, enum dim d, const char *name, char *out, size_t cap)
{
    if (!name) {
        name = "";
    }
    if (!on || !mask_applies(d) || is_no_name(str_of(name))) {
        (void)str_copy(out, cap, str_of(name));
    } else {
        put_pseudonym(dim_name(d), str_of(name), out, cap);
    }
    return out;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '@' ||
           (unsigned char)c >= 0x80;
}

/* Words that follow "team" or "key" in sentences and are no names: "no team or key stands out". */
static bool is_grammar(struct str word)
{
    static const char *const words[] = {"and", "has", "have", "is", "of", "or", "stands", "that", "was", "were", "which", "with"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq_z(word, words[i])) {
            return true;
        }
    }
    return false;
}

/* Length of a kind ("key", "team", "user") with its separator at p, whose left neighbour is no part of a word; 0 = none here. */
static size_t kind_length(struct str s, const char **ret_kind)
{
    static const char *const kinds[] = {"key", "team", "user"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = str_of(kinds[i]).n;
        if (str_has_prefix(s, kinds[i]) && s.n > n && (s.p[n] == ' ' || s.p[n] == '=' || s.p[n] == ':')) {
            *ret_kind = kinds[i];
            return n + 1;
        }
    }
    return 0;
}

const char *mask_text(bool on, const char *text, char *out, size_t cap)
{
    struct str s = str_of(text ? text : "");
    if (!on) {
        (void)str_copy(out, cap, s);
        return out;
    }
    size_t len = 0;
    out[0] = '\0';
    bool inside = false; /* the byte before belongs to a word */
    while (s.n > 0 && len + 1 < cap) {
        const char *kind = "";
        size_t skip = inside ? 0 : kind_length(s, &kind);
        size_t name = 0;
        while (skip && skip + name < s.n && is_word_byte(s.p[skip + name])) {
            name++;
        }
        if (name == 0 || is_grammar((struct str){s.p + skip, name})) {
            inside = is_word_byte(*s.p);
            out[len++] = *s.p++;
            out[len] = '\0';
            s.n--;
            continue;
        }
        char shown[24];
        put_pseudonym(kind, (struct str){s.p + skip, name}, shown, sizeof shown);
        if (!str_copy(out + len, cap - len, str_of(shown))) {
            break;
        }
        len += str_of(shown).n;
        s.p += skip + name;
        s.n -= skip + name;
        inside = true;
    }
    return out;
}
