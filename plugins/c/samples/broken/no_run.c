/* Broken: it offers commands, but has no function that runs them. */

#include "plugin.h"

static void commands(void *data, PluginCommands *commands) {
    (void)data;
    commands->add(commands, plugin_text("work"), plugin_text("Work"), plugin_text("Nobody runs it."));
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("broken"),
        .release = PLUGIN_TEXT("1.0.0"),
        .commands = commands,
    };
    return &plugin;
}
