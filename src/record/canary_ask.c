/* SPDX-License-Identifier: MIT */
#include "record/canary_ask.h"

#include <math.h>

#include "base/json.h"
#include "base/jsontree.h"

enum { TOP_LOGPROBS = 5 /* what every endpoint that tells them accepts */ };

enum err canary_body(const struct canary *c, const struct canary_item *it, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_string(&w, "model", c->model);
    json_array(&w, "messages");
    for (uint32_t i = 0; i < it->message_count; i++) {
        json_object(&w, NULL);
        json_string(&w, "role", it->messages[i].role);
        json_string(&w, "content", it->messages[i].content);
        json_end(&w);
    }
    json_end(&w);
    json_i64(&w, c->newer_max_name ? "max_completion_tokens" : "max_tokens", it->max_tokens);
    if (c->temperature >= 0)
        json_f64(&w, "temperature", c->temperature);
    if (it->check == CANARY_TOKEN) {
        json_bool(&w, "logprobs", true);
        json_i64(&w, "top_logprobs", TOP_LOGPROBS);
    }
    json_end(&w);
    return w.err;
}

static const struct jsontree *first_of(const struct jsontree *list)
{
    return list != NULL && list->kind == JSONTREE_ARRAY ? list->child : NULL;
}

static int64_t count_of(const struct jsontree *usage, const char *key)
{
    const struct jsontree *n = jsontree_get(usage, key);
    int64_t v = -1;
    if (n == NULL || n->kind != JSONTREE_NUMBER || !str_to_i64(n->text, &v) || v < 0)
        return -1;
    return v;
}

/* A logarithm of a probability, NaN when it is none. */
static double logprob_of(const struct jsontree *entry)
{
    const struct jsontree *n = jsontree_get(entry, "logprob");
    double v = NAN;
    if (n == NULL || n->kind != JSONTREE_NUMBER || !str_to_f64(n->text, &v) || v > 1e-6 || v < -1e4)
        return NAN;
    return v > 0 ? 0 : v;
}

static bool is_token(const struct jsontree *entry, const char *want)
{
    const struct jsontree *n = jsontree_get(entry, "token");
    return n != NULL && n->kind == JSONTREE_STRING && str_eq_z(n->text, want);
}

static void read_logprobs(const struct jsontree *choice, const char *want, struct canary_answer *ret)
{
    const struct jsontree *first = first_of(jsontree_get(jsontree_get(choice, "logprobs"), "content")),
                          *token = jsontree_get(first, "token");
    if (token == NULL || token->kind != JSONTREE_STRING)
        return;
    ret->has_token = true;
    ret->token = token->text;
    if (is_token(first, want))
        ret->logprob = logprob_of(first);
    for (const struct jsontree *n = first_of(jsontree_get(first, "top_logprobs")); n != NULL && isnan(ret->logprob); n = n->next)
        if (is_token(n, want))
            ret->logprob = logprob_of(n);
}

enum err canary_read_answer(struct str body, const char *want, struct arena *a, struct canary_answer *ret, struct errctx *ctx)
{
    const struct jsontree *root;
    struct errctx ignored;
    struct canary_answer answer = {.text = {"", 0}, .input_tokens = -1, .output_tokens = -1, .logprob = NAN};
    enum err e = jsontree_parse(body, a, &root, &ignored);
    if (e == ERR_PARSE)
        return errctx_set(ctx, e, "what came is not JSON");
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory for an answer");
    const struct jsontree *choice = first_of(jsontree_get(root, "choices")), *message = jsontree_get(choice, "message"),
                          *content = jsontree_get(message, "content"), *usage = jsontree_get(root, "usage");
    if (message == NULL || message->kind != JSONTREE_OBJECT)
        return errctx_set(ctx, ERR_PARSE, "what came is JSON, but no answer of chat completions: it has no choices[0].message");
    if (content != NULL && content->kind != JSONTREE_STRING && content->kind != JSONTREE_NULL)
        return errctx_set(ctx, ERR_PARSE, "the content of its message is no text");
    if (content != NULL && content->kind == JSONTREE_STRING)
        answer.text = content->text;
    answer.input_tokens = count_of(usage, "prompt_tokens");
    answer.output_tokens = count_of(usage, "completion_tokens");
    if (want != NULL)
        read_logprobs(choice, want, &answer);
    *ret = answer;
    return ERR_OK;
}
