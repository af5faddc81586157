// A frame to the model's input, its alpha up to the frame's size, and the compositing equation.
//
// One thread makes one pixel: x = blockIdx.x * blockDim.x + threadIdx.x, likewise y. Pictures are
// (height, width, 3) uint8 RGB without gaps, alpha is (height, width) float in [0, 1].
// Plain C++ but for the CUDA words, so the tests also run it on the CPU.

// Where a target's pixel centre lies among `count` source pixels, held at the border: the two
// neighbours and the weight of the second. The rule of cv2.INTER_LINEAR.
struct Neighbours {
    int first, second;
    float weight;
};

__device__ Neighbours neighbours(int index, float scale, int count) {
    float position = (index + 0.5f) * scale - 0.5f;
    position = fminf(fmaxf(position, 0.0f), count - 1.0f);
    int first = (int)position;
    int second = first + 1 < count ? first + 1 : first;
    return {first, second, position - first};
}

__device__ float mix(float a, float b, float weight) { return a + (b - a) * weight; }

__device__ unsigned char level(float value) {
    return (unsigned char)(fminf(fmaxf(value, 0.0f), 255.0f) + 0.5f);
}

// Draws the frame into the window (left, top, width, height) of the model's input, bilinearly;
// outside of it, where a letterboxed frame does not reach, the input is `padding`.
extern "C" __global__ void fit_frame(const unsigned char* frame, int frame_width, int frame_height,
                                     unsigned char* input, int input_width, int input_height,
                                     int left, int top, int width, int height, int padding) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= input_width || y >= input_height) return;
    unsigned char* pixel = input + 3 * (y * input_width + x);
    if (x < left || y < top || x >= left + width || y >= top + height) {
        pixel[0] = pixel[1] = pixel[2] = (unsigned char)padding;
        return;
    }
    Neighbours across = neighbours(x - left, (float)frame_width / width, frame_width);
    Neighbours down = neighbours(y - top, (float)frame_height / height, frame_height);
    const unsigned char* upper = frame + 3 * (size_t)frame_width * down.first;
    const unsigned char* lower = frame + 3 * (size_t)frame_width * down.second;
    for (int c = 0; c < 3; ++c) {
        int first = 3 * across.first + c, second = 3 * across.second + c;
        float above = mix(upper[first], upper[second], across.weight);
        float below = mix(lower[first], lower[second], across.weight);
        pixel[c] = level(mix(above, below, down.weight));
    }
}

// Brings alpha from the model's resolution to the frame's, bilinearly.
extern "C" __global__ void upsample_alpha(const float* alpha, int alpha_width, int alpha_height,
                                          float* upsampled, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    Neighbours across = neighbours(x, (float)alpha_width / width, alpha_width);
    Neighbours down = neighbours(y, (float)alpha_height / height, alpha_height);
    const float* upper = alpha + (size_t)alpha_width * down.first;
    const float* lower = alpha + (size_t)alpha_width * down.second;
    float above = mix(upper[across.first], upper[across.second], across.weight);
    float below = mix(lower[across.first], lower[across.second], across.weight);
    upsampled[(size_t)width * y + x] = mix(above, below, down.weight);
}

// I = a F + (1 - a) B. An alpha that is not a number shows the background, never the room.
extern "C" __global__ void composite(const unsigned char* foreground,
                                     const unsigned char* background, const float* alpha,
                                     unsigned char* image, int width, int height) {
    int x = blockIdx.x * blockDim.x + threadIdx.x;
    int y = blockIdx.y * blockDim.y + threadIdx.y;
    if (x >= width || y >= height) return;
    size_t pixel = (size_t)width * y + x;
    float a = alpha[pixel];
    a = a > 0.0f ? fminf(a, 1.0f) : 0.0f;
    for (size_t i = 3 * pixel; i < 3 * pixel + 3; ++i) {
        image[i] = level(mix(background[i], foreground[i], a));
    }
}
