/* SPDX-License-Identifier: Apache-2.0
 *
 * What a good module has, so that each file here shows nothing but what is wrong in it. A field that is set again after one of
 * these macros replaces what the macro gave.
 */
#include <catena.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TEXT(literal) {(literal), sizeof(literal) - 1}
#define COUNT(array) (sizeof(array) / sizeof *(array))

#define GOOD_TYPE .struct_size = sizeof(catena_type), .id = TEXT("odd"), .version = TEXT("1"), .summary = TEXT("only for tests")
#define GOOD_VALUE .struct_size = sizeof(catena_value_decl), .flags = CATENA_VALUE_PROVIDES, .key = TEXT("odd.value"), .size = 8, .align = 8
#define GOOD_MODULE \
    .struct_size = sizeof(catena_module), .n_types = 1, .types = types, .name = TEXT("odd"), .version = TEXT("1"), .built_with = TEXT("c")

#define ENTRY(...)                                                                               \
    const catena_module *catena_module_v1(const catena_offer *offer, char *why, size_t cap)      \
    {                                                                                            \
        (void)offer, (void)why, (void)cap;                                                       \
        __VA_ARGS__                                                                              \
    }

/* A module with one type, `type`, which is good but for these fields. */
#define MODULE_WITH(...)                                            \
    static const catena_type type = {GOOD_TYPE, __VA_ARGS__};       \
    static const catena_type *const types[] = {&type};              \
    static const catena_module module = {GOOD_MODULE};              \
    ENTRY(return &module;)
