/* A plugin whose status counts how often it was called. */

#include "plugin.h"

static void status(void *data, PluginStatus *status) {
    static const char *numbers[] = {"none", "one", "two"};
    static int asked = 0;
    (void)data;
    asked++;
    status->show(status, plugin_text(numbers[asked % 3]));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {.version = PLUGIN_VERSION, .size = sizeof(Plugin), .name = PLUGIN_TEXT("counts"),
                                  .release = PLUGIN_TEXT("1.0.0"), .status = status};
    return &plugin;
}
