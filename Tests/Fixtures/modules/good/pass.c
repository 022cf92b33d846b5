/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is wrong here: -DID=NAME gives the type another id, -DWORD=TEXT makes another file of the same module. */
#include "../odd.h"

#define STRING(name) #name
#define NAME_OF(name) TEXT(STRING(name))
#ifndef ID
#define ID pass
#endif
#ifndef WORD
#define WORD good
#endif

static catena_verdict request(void *self, const catena_hop *hop)
{
    (void)self, (void)hop;
    return CATENA_NEXT;
}

/* As from a later header: an entry is longer than this host's. */
typedef struct longer {
    catena_value_decl value;
    uint64_t later;
} longer;
static const longer values[] = {
    {{GOOD_VALUE, .struct_size = sizeof(longer), .key = TEXT("pass.first"), .size = 4, .align = 4}, 1},
    {{GOOD_VALUE, .struct_size = sizeof(longer), .key = TEXT("pass.second"), .size = 16, .align = 8}, 2},
};

static const catena_type type = {
    GOOD_TYPE, .id = NAME_OF(ID), .call_slot_size = 24, .values = &values[0].value, .n_values = COUNT(values), .request = request,
};
static const catena_type *const types[] = {&type};
static const char *const services[] = {"log/1", "timer/1", NULL};
static const catena_module module = {GOOD_MODULE, .name = NAME_OF(WORD), .built_with = TEXT("cc"), .services = services};
ENTRY(return &module;)
