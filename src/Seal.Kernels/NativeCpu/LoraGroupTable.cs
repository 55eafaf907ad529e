using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Seal.Kernels.Native;

namespace Seal.Kernels;

public sealed partial class NativeOperators
{
    private readonly LoraGroupTable _group = new();

    /// <summary>A group of linears as the border wants it, in pinned memory that grows to the largest step and then stays.</summary>
    private sealed unsafe class LoraGroupTable
    {
        private SealLinearMember[] _members = [];
        private SealRowSegment[] _segments = [];
        private SealLoraFactors[] _factors = [];

        /// <summary>Everything but dx and the gradients. Rows without an adapter on this group are in no segment.</summary>
        public SealLoraLinear Fill(
            DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
        {
            int count = y.Length;
            Grow(ref _members, count);
            for (int i = 0; i < count; i++)
                _members[i] = new SealLinearMember(Own(group.Members[i].Weight).Handle.Pointer, group.Members[i].Bias.Pointer, y[i].Pointer);
            int segments = adapters is null ? 0 : FillSegments(group, adapters, plan, count);
            return new SealLoraLinear
            {
                Type = x.NativeType(),
                Rows = x.Rows,
                Inputs = x.Columns,
                MemberCount = count,
                SegmentCount = segments,
                ZWidth = segments == 0 ? 0 : z.Columns,
                X = x.Pointer,
                Z = z.Pointer,
                Members = Start(_members),
                Segments = Start(_segments),
                Factors = Start(_factors),
                Adapters = segments == 0 ? 0 : Own(adapters!).Handle.Pointer,
            };
        }

        /// <summary>The same of weights in blocks.</summary>
        public SealQuantizedLinear FillBlocks(
            DeviceBuffer x, LinearGroup group, AdapterSet? adapters, BatchPlan plan, DeviceBuffer z, ReadOnlySpan<DeviceBuffer> y)
        {
            int count = y.Length;
            Grow(ref _members, count);
            for (int i = 0; i < count; i++)
                _members[i] = new SealLinearMember(Own(group.Members[i].Weight).Blocks!.Pointer, group.Members[i].Bias.Pointer, y[i].Pointer);
            int segments = adapters is null ? 0 : FillSegments(group, adapters, plan, count);
            return new SealQuantizedLinear
            {
                Type = x.NativeType(),
                YType = y[0].NativeType(),
                Rows = x.Rows,
                Inputs = x.Columns,
                MemberCount = count,
                SegmentCount = segments,
                ZWidth = segments == 0 ? 0 : z.Columns,
                X = x.Pointer,
                Z = z.Pointer,
                Members = Start(_members),
                Segments = Start(_segments),
                Factors = Start(_factors),
                Adapters = segments == 0 ? 0 : Own(adapters!).Handle.Pointer,
            };
        }

        private int FillSegments(LinearGroup group, AdapterSet adapters, BatchPlan plan, int members)
        {
            Grow(ref _segments, plan.Segments.Count);
            Grow(ref _factors, plan.Segments.Count * members);
            NativeAdapters own = Own(adapters);
            int filled = 0;
            for (int s = 0; s < plan.Segments.Count; s++)
            {
                AdapterSegment segment = plan.Segments[s];
                if (segment.Adapter < 0 || adapters.GroupRank(segment.Adapter, group) == 0)
                    continue;
                for (int i = 0; i < members; i++)
                {
                    LoraFactors f = adapters.Factors(segment.Adapter, group.Layer, group.Members[i].Target);
                    int number = f.IsNone ? -1 : own.Number(segment.Adapter, group.Layer, group.Members[i].Target);
                    _factors[filled * members + i] = new SealLoraFactors(number, (float)f.Scale);
                }
                _segments[filled++] = new SealRowSegment(segment.Start, segment.Count);
            }
            return filled;
        }

        private static void Grow<T>(ref T[] table, int count) where T : unmanaged
        {
            if (table.Length < count)
                table = GC.AllocateUninitializedArray<T>(Math.Max(count, 2 * table.Length), pinned: true);
        }

        private static T* Start<T>(T[] table) where T : unmanaged =>
            (T*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(table));
    }
}
