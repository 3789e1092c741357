/* SPDX-License-Identifier: MIT */
/* The sentences about requests that failed: what, on which address, what to do. Pure text over a result; http.c decides what happened. */
#ifndef GWTOP_RECORD_HTTP_TEXT_H
#define GWTOP_RECORD_HTTP_TEXT_H

#include <stdbool.h>

#include "record/http.h"

enum http_redirect_fault { REDIRECT_FINE, REDIRECT_NOWHERE, REDIRECT_CIRCLE, REDIRECT_KEY, REDIRECT_HOST, REDIRECT_ONCE };

/* r->failed and the numbers are set; said: the library's own words. Writes r->reason. */
void http_text_failure(struct http_result *r, const char *said);
/* Another status than 200. authenticated: a key was sent. */
void http_text_status(struct http_result *r, bool authenticated);
/* Writes r->excerpt from the beginning of a body without secrets: of an HTML page its title, else its text, on one line. */
void http_text_excerpt(struct http_result *r, struct str body);
void http_text_redirect(struct http_result *r, enum http_redirect_fault fault);

#endif
