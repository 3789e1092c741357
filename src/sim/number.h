/* SPDX-License-Identifier: MIT */
/* Sample values as the real exporters print them, from exact decimals.
 *
 * A value is value / 10^decimals. Both writers give the shortest text that reads back as the nearest double, which for at most
 * NUMBER_DIGITS_MAX significant digits is the decimal itself (two such decimals never share a double). */
#ifndef GWTOP_SIM_NUMBER_H
#define GWTOP_SIM_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum {
    NUMBER_MAX = 32,       /* bytes that hold any text written here */
    NUMBER_DIGITS_MAX = 15 /* significant digits; |value| < 10^15 */
};

/* Values with a meaning of their own. */
#define NUMBER_INF INT64_MAX
#define NUMBER_NAN INT64_MIN

/* As prometheus_client for Python: repr(float), and Go's exponent from 1e6 up ("17024.0", "1.6920637e+07", "1e+010").
 * Returns the length; the text has no NUL. Cost: about 15 ns. Source: prometheus_client/utils.py floatToGoString. */
size_t number_python(char out[NUMBER_MAX], int64_t value, unsigned decimals);

/* As Go's strconv.FormatFloat(v, 'g', -1, 64), which the OpenTelemetry collector's exporter uses ("17024", "1.6920637e+07"). */
size_t number_go(char out[NUMBER_MAX], int64_t value, unsigned decimals);

#endif
