// Enough of CUDA C++ to compile the kernels with g++ and run them on the CPU, thread after thread.
#pragma once
#include <cmath>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <utility>

#define __global__
#define __device__

struct Index3 {
    unsigned x, y, z;
};
static thread_local Index3 blockIdx, threadIdx, blockDim, gridDim;

// `parameters` points at each argument's value, as for cuLaunchKernel.
template <typename... A, std::size_t... I>
void run(void (*kernel)(A...), void** parameters, std::index_sequence<I...>) {
    kernel(*static_cast<A*>(parameters[I])...);
}

template <typename... A>
void run_all(void (*kernel)(A...), Index3 grid, Index3 block, void** parameters) {
    gridDim = grid, blockDim = block;
    for (blockIdx.y = 0; blockIdx.y < grid.y; ++blockIdx.y)
        for (blockIdx.x = 0; blockIdx.x < grid.x; ++blockIdx.x)
            for (threadIdx.y = 0; threadIdx.y < block.y; ++threadIdx.y)
                for (threadIdx.x = 0; threadIdx.x < block.x; ++threadIdx.x)
                    run(kernel, parameters, std::index_sequence_for<A...>{});
}

template <typename... A>
constexpr int sizes(void (*)(A...), std::size_t* out) {
    int i = 0;
    ((out[i++] = sizeof(A)), ...);
    return i;
}
