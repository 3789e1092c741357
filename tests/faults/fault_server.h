/* SPDX-License-Identifier: MIT */
/* An HTTP server that does everything wrong, for the recorder to survive. Raw sockets on loopback, one thread per connection.
 *
 * The path decides what happens; see the table in fault_server.c. What clients sent is kept for the tests to look at. */
#ifndef GWTOP_TESTS_FAULTS_FAULT_SERVER_H
#define GWTOP_TESTS_FAULTS_FAULT_SERVER_H

#include <stdbool.h>
#include <stddef.h>

struct fault_server;

/* Listens on a free port of 127.0.0.1. other_port: where /cross redirects to, 0 = to itself. NULL when it cannot. */
struct fault_server *fault_server_start(int other_port);
int fault_server_port(const struct fault_server *s);
/* Ends every connection, also those that hang, and joins the threads. */
void fault_server_stop(struct fault_server *s);
/* Requests so far whose path begins with path; NULL = all. */
int fault_server_requests(struct fault_server *s, const char *path);
/* Whether any request held this text (a canary in a header, say). */
bool fault_server_saw(struct fault_server *s, const char *text);
/* A port of 127.0.0.1 on which nobody listens. */
int fault_closed_port(void);

#endif
