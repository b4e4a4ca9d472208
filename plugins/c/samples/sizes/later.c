/* Simulates a later header with a longer struct. This editor does not know the fields at its end, and ignores them. */

#include "plugin.h"

typedef struct {
    Plugin plugin;
    unsigned char unknown[2048];
} LaterPlugin;

static void status(void *data, PluginStatus *status) {
    (void)data;
    status->show(status, plugin_text("from later"));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static LaterPlugin later = {
        .plugin =
            {
                .version = PLUGIN_VERSION,
                .size = sizeof(LaterPlugin),
                .name = PLUGIN_TEXT("later"),
                .release = PLUGIN_TEXT("1.0.0"),
                .status = status,
            },
    };
    memset(later.unknown, 0xff, sizeof later.unknown);
    return &later.plugin;
}
