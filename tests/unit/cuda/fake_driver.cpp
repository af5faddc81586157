// A CUDA driver without a GPU, strict as a lawyer, for what the project and its packages call.
//
// It is built as libcuda.so.1, so that PyCUDA, cuda-python and ctypes are tested as they are.
// Device memory is the CPU's, but under addresses of its own (DEVICE_OFFSET away), so that mixing
// the two up is an error and no luck. Work given to a stream is done when it is synchronised, no
// sooner: a missing synchronize shows. A fault is a CUDA status, and a line in fake_faults().
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

using Pointer = unsigned long long;
using Work = std::function<int()>;

extern "C" int run_kernel(const char*, unsigned, unsigned, unsigned, unsigned, void**);
extern "C" int kernel_parameters(const char*, std::size_t*);

enum { SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_IMAGE = 200,
       INVALID_CONTEXT = 201, INVALID_HANDLE = 400, NOT_FOUND = 500, ILLEGAL_ADDRESS = 700,
       CAPTURE_UNSUPPORTED = 900 };
constexpr Pointer DEVICE_OFFSET = 1ull << 46;

struct Host { std::size_t size; bool mapped; };
struct Stream { std::vector<Work> waiting; bool capturing = false; };
struct Graph { std::vector<Work> work; };

static std::mutex gate;
static std::string faults;
static std::map<Pointer, std::size_t> device_memory;
static std::map<Pointer, Host> host_memory;
static std::set<Stream*> streams;
static std::set<Graph*> graphs;
static std::map<std::string, int> calls;
static int modules = 0;
static thread_local std::vector<void*> current;
static int primary_context;

static bool on(const char* setting) { return std::getenv(setting) != nullptr; }

static int fault(int status, const std::string& what) {
    std::lock_guard<std::mutex> hold(gate);
    faults += what + "\n";
    return status;
}

#define CALLED()                       \
    {                                  \
        std::lock_guard<std::mutex> hold(gate); \
        ++calls[__func__];             \
    }
#define IN_CONTEXT()                                                                  \
    CALLED()                                                                          \
    if (current.empty()) return fault(INVALID_CONTEXT, std::string(__func__) + ": no current context")
#define ON_STREAM(stream) \
    if (!streams.count(stream)) return fault(INVALID_HANDLE, std::string(__func__) + ": no such stream")

// The CPU's address of `size` bytes of the device at `pointer`, or null if they are not allocated.
static char* on_cpu(Pointer pointer, std::size_t size) {
    std::lock_guard<std::mutex> hold(gate);
    auto next = device_memory.upper_bound(pointer);
    if (next == device_memory.begin()) return nullptr;
    auto [start, length] = *--next;
    return pointer + size <= start + length ? (char*)(pointer - DEVICE_OFFSET) : nullptr;
}

static bool page_locked(const void* address, std::size_t size) {
    std::lock_guard<std::mutex> hold(gate);
    auto next = host_memory.upper_bound((Pointer)address);
    if (next == host_memory.begin()) return false;
    --next;
    return (Pointer)address + size <= next->first + next->second.size;
}

extern "C" {
const char* fake_faults() { return faults.c_str(); }
int fake_calls(const char* name) { return calls[name]; }
int fake_alive() {  // allocations, streams, modules and graphs not freed yet
    return device_memory.size() + host_memory.size() + streams.size() + graphs.size() + modules;
}
void* fake_on_cpu(Pointer pointer, std::size_t size) { return on_cpu(pointer, size); }
void fake_forget() { faults.clear(); calls.clear(); }
// As TensorRT gives a stream work of its own.
int fake_enqueue(Stream* stream, int (*function)(void*), void* argument) {
    ON_STREAM(stream);
    stream->waiting.push_back([=] { return function(argument); });
    return SUCCESS;
}

int cuInit(unsigned) { CALLED(); return on("FAKE_NO_DEVICE") ? NO_DEVICE : SUCCESS; }
int cuDriverGetVersion(int* version) { *version = 13000; return SUCCESS; }
int cuDeviceGetCount(int* count) { *count = 1; return SUCCESS; }
int cuDeviceGet(int* device, int index) { *device = index; return index ? INVALID_VALUE : SUCCESS; }
int cuDeviceGetName(char* name, int size, int) { std::snprintf(name, size, "Fake"); return SUCCESS; }
int cuDeviceGetAttribute(int* value, int attribute, int) {
    *value = attribute == 18 ? on("FAKE_INTEGRATED") : attribute == 75 ? 8 : attribute == 76 ? 7 : 1;
    return SUCCESS;
}
int cuDevicePrimaryCtxRetain(void** context, int) { *context = &primary_context; return SUCCESS; }
int cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
int cuCtxPushCurrent_v2(void* context) { CALLED(); current.push_back(context); return SUCCESS; }
int cuCtxPopCurrent_v2(void** context) {
    IN_CONTEXT();
    if (context) *context = current.back();
    current.pop_back();
    return SUCCESS;
}
int cuCtxGetCurrent(void** context) { *context = current.empty() ? nullptr : current.back(); return SUCCESS; }
int cuCtxGetDevice(int* device) { *device = 0; return SUCCESS; }

int cuMemAlloc_v2(Pointer* pointer, std::size_t size) {
    IN_CONTEXT();
    if (on("FAKE_FULL") || !size) return OUT_OF_MEMORY;
    *pointer = (Pointer)std::malloc(size) + DEVICE_OFFSET;
    std::memset((char*)(*pointer - DEVICE_OFFSET), 0xA5, size);
    std::lock_guard<std::mutex> hold(gate);
    device_memory[*pointer] = size;
    return SUCCESS;
}
int cuMemFree_v2(Pointer pointer) {
    IN_CONTEXT();
    std::lock_guard<std::mutex> hold(gate);
    if (!device_memory.erase(pointer)) { faults += "cuMemFree: not allocated\n"; return INVALID_VALUE; }
    std::free((void*)(pointer - DEVICE_OFFSET));
    return SUCCESS;
}
int cuMemHostAlloc(void** host, std::size_t size, unsigned flags) {
    IN_CONTEXT();
    *host = std::malloc(size);
    std::memset(*host, 0x5A, size);
    std::lock_guard<std::mutex> hold(gate);
    host_memory[(Pointer)*host] = {size, (flags & 2) != 0};
    if (flags & 2) device_memory[(Pointer)*host + DEVICE_OFFSET] = size;
    return SUCCESS;
}
int cuMemFreeHost(void* host) {
    IN_CONTEXT();
    std::lock_guard<std::mutex> hold(gate);
    device_memory.erase((Pointer)host + DEVICE_OFFSET);
    if (!host_memory.erase((Pointer)host)) { faults += "cuMemFreeHost: not ours\n"; return INVALID_VALUE; }
    std::free(host);
    return SUCCESS;
}
int cuMemHostGetDevicePointer_v2(Pointer* pointer, void* host, unsigned) {
    IN_CONTEXT();
    auto found = host_memory.find((Pointer)host);
    if (found == host_memory.end() || !found->second.mapped)
        return fault(INVALID_VALUE, "cuMemHostGetDevicePointer: not mapped memory");
    *pointer = (Pointer)host + DEVICE_OFFSET;
    return SUCCESS;
}

int cuStreamCreate(Stream** stream, unsigned flags) {
    IN_CONTEXT();
    if (flags != 1) return fault(INVALID_VALUE, "cuStreamCreate: it would wait for the default stream");
    streams.insert(*stream = new Stream);
    return SUCCESS;
}
int cuStreamDestroy_v2(Stream* stream) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (!stream->waiting.empty()) fault(0, "cuStreamDestroy: work was never waited for");
    streams.erase(stream);
    delete stream;
    return SUCCESS;
}
int cuStreamSynchronize(Stream* stream) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (stream->capturing) return fault(CAPTURE_UNSUPPORTED, "cuStreamSynchronize: while capturing");
    int status = SUCCESS;
    for (auto& work : stream->waiting)
        if (!status) status = work();
    stream->waiting.clear();
    return status;
}
int cuStreamBeginCapture_v2(Stream* stream, int) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (on("FAKE_NO_CAPTURE")) return CAPTURE_UNSUPPORTED;
    if (stream->capturing || !stream->waiting.empty())
        return fault(INVALID_VALUE, "cuStreamBeginCapture: the stream is busy");
    stream->capturing = true;
    return SUCCESS;
}
int cuStreamEndCapture(Stream* stream, Graph** graph) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (!stream->capturing) return fault(INVALID_VALUE, "cuStreamEndCapture: it did not capture");
    stream->capturing = false;
    graphs.insert(*graph = new Graph{std::move(stream->waiting)});
    stream->waiting.clear();
    return SUCCESS;
}
int cuGraphInstantiateWithFlags(Graph** executable, Graph* graph, unsigned long long) {
    IN_CONTEXT();
    if (!graphs.count(graph)) return fault(INVALID_HANDLE, "cuGraphInstantiate: no such graph");
    graphs.insert(*executable = new Graph{*graph});
    return SUCCESS;
}
int cuGraphDestroy(Graph* graph) {
    CALLED();
    if (!graphs.erase(graph)) return fault(INVALID_HANDLE, "cuGraphDestroy: no such graph");
    delete graph;
    return SUCCESS;
}
int cuGraphExecDestroy(Graph* graph) { CALLED(); return cuGraphDestroy(graph); }
int cuGraphLaunch(Graph* graph, Stream* stream) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (!graphs.count(graph)) return fault(INVALID_HANDLE, "cuGraphLaunch: no such graph");
    stream->waiting.insert(stream->waiting.end(), graph->work.begin(), graph->work.end());
    return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(Pointer to, const void* from, std::size_t size, Stream* stream) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (!page_locked(from, size)) return fault(INVALID_VALUE, "cuMemcpyHtoDAsync: not page-locked");
    if (!on_cpu(to, size)) return fault(ILLEGAL_ADDRESS, "cuMemcpyHtoDAsync: not device memory");
    stream->waiting.push_back([=] { std::memcpy(on_cpu(to, size), from, size); return SUCCESS; });
    return SUCCESS;
}
int cuMemcpyDtoHAsync_v2(void* to, Pointer from, std::size_t size, Stream* stream) {
    IN_CONTEXT();
    ON_STREAM(stream);
    if (!page_locked(to, size)) return fault(INVALID_VALUE, "cuMemcpyDtoHAsync: not page-locked");
    if (!on_cpu(from, size)) return fault(ILLEGAL_ADDRESS, "cuMemcpyDtoHAsync: not device memory");
    stream->waiting.push_back([=] { std::memcpy(to, on_cpu(from, size), size); return SUCCESS; });
    return SUCCESS;
}

int cuModuleLoadData(void** module, const char* image) {
    IN_CONTEXT();
    if (std::strncmp(image, "FAKE", 4)) return INVALID_IMAGE;
    *module = &modules, ++modules;
    return SUCCESS;
}
int cuModuleLoadDataEx(void** module, const char* image, unsigned, void*, void*) {
    return cuModuleLoadData(module, image);
}
int cuModuleUnload(void*) { IN_CONTEXT(); --modules; return SUCCESS; }
int cuModuleGetFunction(const char** function, void*, const char* name) {
    IN_CONTEXT();
    std::size_t unused[16];
    if (kernel_parameters(name, unused) < 0) return NOT_FOUND;
    *function = strdup(name);  // its handle; as a module's functions, never freed
    return SUCCESS;
}
int cuFuncSetBlockShape(void*, int, int, int) { return SUCCESS; }
int cuLaunchKernel(const char* kernel, unsigned grid_x, unsigned grid_y, unsigned, unsigned block_x,
                   unsigned block_y, unsigned, unsigned, Stream* stream, void** parameters, void** extra) {
    IN_CONTEXT();
    ON_STREAM(stream);
    std::size_t sizes[16];
    int count = kernel_parameters(kernel, sizes);
    const char* packed = nullptr;
    for (void** option = extra; option && *option; option += 2)
        if (*option == (void*)1) packed = (const char*)option[1];  // CU_LAUNCH_PARAM_BUFFER_POINTER
    std::vector<Pointer> values(count);  // copied at the call, as the driver does
    std::vector<bool> is_pointer(count);
    for (std::size_t i = 0, offset = 0; i < values.size(); offset += sizes[i++]) {
        offset = (offset + sizes[i] - 1) / sizes[i] * sizes[i];
        std::memcpy(&values[i], packed ? packed + offset : (const char*)parameters[i], sizes[i]);
        is_pointer[i] = sizes[i] == sizeof(Pointer);
    }
    std::string name = kernel;
    stream->waiting.push_back([=] {
        std::vector<Pointer> arguments = values;
        std::vector<void*> places;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            if (is_pointer[i]) {
                char* address = on_cpu(arguments[i], 1);
                if (!address) return fault(ILLEGAL_ADDRESS, name + ": a pointer to no device memory");
                arguments[i] = (Pointer)address;
            }
            places.push_back(&arguments[i]);
        }
        run_kernel(name.c_str(), grid_x, grid_y, block_x, block_y, places.data());
        return (int)SUCCESS;
    });
    return SUCCESS;
}

int cuGetErrorName(int status, const char** name) {
    *name = status == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR";
    return SUCCESS;
}
int cuGetErrorString(int status, const char** text) { return cuGetErrorName(status, text); }

// cuda-python finds all functions by this: of several versions the newest that there is here.
int cuGetProcAddress_v2(const char* name, void** function, int, unsigned long long, int* found) {
    Dl_info self;
    dladdr((void*)&cuInit, &self);
    void* library = dlopen(self.dli_fname, RTLD_LAZY);
    *function = nullptr;
    for (const char* version : {"_v2", ""})
        if (!*function) *function = dlsym(library, (std::string(name) + version).c_str());
    if (found) *found = *function ? 0 : 1;
    return *function ? SUCCESS : NOT_FOUND;
}
int cuGetProcAddress(const char* name, void** function, int version, unsigned long long flags) {
    return cuGetProcAddress_v2(name, function, version, flags, nullptr);
}
}
