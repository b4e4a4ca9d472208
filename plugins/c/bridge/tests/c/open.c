/* A library that refers to a function which nobody has. */

#include "plugin.h"

void nowhere(void);

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    nowhere();
    return NULL;
}
