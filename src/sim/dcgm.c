/* SPDX-License-Identifier: MIT */
#include "sim/dcgm.h"

#include <stdlib.h>

#include "base/str.h"
#include "sim/page.h"

#define LABELS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define GPU_LABELS LABELS("Hostname", "UUID", "device", "gpu", "modelName")
/* Of a card of 700 W with a model loaded: waiting for work, and with a full batch. One card draws a little more than its neighbour. */
enum { IDLE_MW = 118000, FULL_MW = 645000, APART_MW = 2300, GPUS_MAX = 8 };

enum dcgm_family { D_POWER, D_ENERGY, D_COUNT };

static const struct page_family families[D_COUNT] = {
    [D_POWER] = {.name = "DCGM_FI_DEV_POWER_USAGE", .help = "Power draw (in W).", .type = PAGE_GAUGE, .decimals = 3, .labels = GPU_LABELS},
    [D_ENERGY] = {.name = "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION",
                  .help = "Total energy consumption since boot (in mJ).",
                  .type = PAGE_COUNTER,
                  .labels = GPU_LABELS},
};

struct dcgm {
    struct page *page;
    unsigned engine;
    int64_t running, running_s, seconds; /* requests in the batch; the same summed over the seconds there were */
    page_child child[GPUS_MAX][D_COUNT];
};

struct dcgm *dcgm_new(unsigned engine, int64_t start_ms)
{
    struct dcgm *d = calloc(1, sizeof *d);
    if (d == NULL)
        return NULL;
    d->engine = engine;
    d->page = page_new(PAGE_GO);
    if (d->page == NULL) {
        free(d);
        return NULL;
    }
    const struct engine *e = company_engine(engine);
    char host[40], uuid[48], device[16], gpu[8];
    str_format(host, sizeof host, "gpu-%s", e->name);
    for (unsigned f = 0; f < D_COUNT; f++)
        page_declare(d->page, &families[f]);
    for (unsigned g = 0; g < e->gpus; g++) {
        str_format(uuid, sizeof uuid, "GPU-%08x-0000-4000-8000-%012x", engine + 1, g + 1);
        str_format(device, sizeof device, "nvidia%u", g);
        str_format(gpu, sizeof gpu, "%u", g);
        for (unsigned f = 0; f < D_COUNT; f++)
            d->child[g][f] = page_add(d->page, f, LABELS(host, uuid, device, gpu, "NVIDIA H100 80GB HBM3"), start_ms);
    }
    return d;
}

void dcgm_free(struct dcgm *d)
{
    if (d != NULL)
        page_free(d->page);
    free(d);
}

void dcgm_tick(struct dcgm *d, const struct traffic *t)
{
    d->running = traffic_road(t)->engine[d->engine].running;
    d->running_s += d->running;
    d->seconds++;
}

enum err dcgm_render(struct dcgm *d, struct buf *out)
{
    const struct engine *e = company_engine(d->engine);
    for (unsigned g = 0; g < e->gpus; g++) { /* a milliwatt over a second is a millijoule */
        const int64_t idle_mw = IDLE_MW + g * APART_MW, work_mw = FULL_MW - IDLE_MW;
        page_set(d->page, d->child[g][D_POWER], idle_mw + work_mw * d->running / e->slots);
        page_set(d->page, d->child[g][D_ENERGY], idle_mw * d->seconds + work_mw * d->running_s / e->slots);
    }
    return page_render(d->page, out);
}
