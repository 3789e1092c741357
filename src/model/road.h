/* SPDX-License-Identifier: MIT */
/* Who calls whom, as the configuration says it where the series don't show it: names of components (analysis/topology.h). Plain data. */
#ifndef GWTOP_MODEL_ROAD_H
#define GWTOP_MODEL_ROAD_H

struct road_edge {
    const char *from, *to; /* "stage retrieval", "vector store qdrant" */
};

#endif
