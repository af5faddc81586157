// The project's kernels for the CPU: one entry for all of them, by name.
#include "cpu_cuda.hpp"

#include "../../../edge/kernels/compositing.cu"

#define KERNELS(each) each(fit_frame) each(upsample_alpha) each(composite)

// Runs kernel `name`; 0 if there is none of that name.
extern "C" int run_kernel(const char* name, unsigned grid_x, unsigned grid_y, unsigned block_x,
                          unsigned block_y, void** parameters) {
#define RUN(kernel)                                                                       \
    if (!std::strcmp(name, #kernel)) {                                                    \
        run_all(kernel, {grid_x, grid_y, 1}, {block_x, block_y, 1}, parameters);          \
        return 1;                                                                         \
    }
    KERNELS(RUN)
#undef RUN
    return 0;
}

// Writes the size of each parameter of kernel `name`, and gives their number; -1 for no such kernel.
extern "C" int kernel_parameters(const char* name, std::size_t* out) {
#define SIZES(kernel) \
    if (!std::strcmp(name, #kernel)) return sizes(kernel, out);
    KERNELS(SIZES)
#undef SIZES
    return -1;
}
