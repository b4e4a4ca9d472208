/* A plugin without state: a command that replaces each letter by the letter 13 places later. */

#include <stdlib.h>

#include "plugin.h"

static char turned(char letter, char first) { return (char)(first + (letter - first + 13) % 26); }

static void commands(void *data, PluginCommands *commands) {
    (void)data;
    commands->add(commands, plugin_text("turn"), plugin_text("ROT13"),
                  plugin_text("Turns the letters of the selection, or of the whole text, by 13 places."));
}

static void run(void *data, PluginText command, const PluginDocument *document, PluginEdits *edits,
                PluginFailure *failure) {
    const PluginRange scope = document->scope;
    PluginText text = {NULL, 0};
    char *letters;
    size_t i;
    (void)data;
    if (command.length != 4 || memcmp(command.start, "turn", 4) != 0) {
        failure->fail(failure, plugin_text("there is no such command"));
        return;
    }
    text.length = scope.end - scope.start;
    letters = malloc(text.length + 1);
    if (letters == NULL) {
        failure->fail(failure, plugin_text("there is no memory left"));
        return;
    }
    for (i = 0; i < text.length; i++) {
        char letter = document->text.start[scope.start + i];
        /* Bytes of non-ASCII characters do not change, so the text remains UTF-8. */
        if (letter >= 'a' && letter <= 'z') {
            letter = turned(letter, 'a');
        } else if (letter >= 'A' && letter <= 'Z') {
            letter = turned(letter, 'A');
        }
        letters[i] = letter;
    }
    text.start = letters;
    edits->add(edits, scope.start, text.length, text);
    free(letters);
}

PLUGIN_EXPORT const Plugin *plugin_register(void) {
    static const Plugin plugin = {
        .version = PLUGIN_VERSION,
        .size = sizeof(Plugin),
        .name = PLUGIN_TEXT("rot13"),
        .release = PLUGIN_TEXT("1.0.0"),
        .commands = commands,
        .run = run,
    };
    return &plugin;
}
