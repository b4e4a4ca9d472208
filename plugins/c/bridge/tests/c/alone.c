/* A plugin whose status says whether two calls of it ran at the same time. */

#include "plugin.h"

static volatile int inside = 0;
static volatile int met = 0;

static void status(void *data, PluginStatus *status) {
    volatile int i;
    (void)data;
    inside++;
    for (i = 0; i < 100000; i++) {
        if (inside != 1) {
            met = 1;
        }
    }
    inside--;
    status->show(status, met ? plugin_text("met another") : plugin_text("alone"));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {.version = PLUGIN_VERSION, .size = sizeof(Plugin), .name = PLUGIN_TEXT("alone"),
                                  .release = PLUGIN_TEXT("1.0.0"), .status = status};
    return &plugin;
}
