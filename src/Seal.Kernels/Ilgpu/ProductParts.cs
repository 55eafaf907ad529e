namespace Seal.Kernels.Ilgpu;

internal sealed partial class IlgpuOperators<TStored, TElement, TShape>
{
    /// <summary>What a side of a part's product is as long as.</summary>
    private enum Extent
    {
        Rows,
        Rank,
        Inputs,
        Outputs,
    }

    /// <summary>The parts of one launch.</summary>
    private sealed class ProductParts
    {
        public Table<ProductPart> Table { get; } = new();

        public int Tiles { get; private set; }

        public void Clear()
        {
            Table.Clear();
            Tiles = 0;
        }

        /// <summary>All rows alike, without an adapter.</summary>
        public void AddRows(int rows, int columns) => Add(new ProductPart { Rows = rows }, rows, columns);

        /// <summary>Every segment of the plan by so many columns, with its adapter's factors of one member, if it has any.</summary>
        public void AddAll(BatchPlan plan, AdapterSet adapters, LinearGroup group, int member, int columns)
        {
            for (int s = 0; s < plan.Segments.Count; s++)
                Add(Part(plan.Segments[s], adapters, group, member), plan.Segments[s].Count, columns);
        }

        /// <summary>The segments whose adapter sits on one member.</summary>
        public void AddAdapted(BatchPlan plan, AdapterSet adapters, LinearGroup group, int member, Extent rows, Extent columns)
        {
            for (int s = 0; s < plan.Segments.Count; s++)
                AddAdapted(plan.Segments[s], adapters, group, member, rows, columns);
        }

        public void AddAdapted(AdapterSegment segment, AdapterSet adapters, LinearGroup group, int member, Extent rows, Extent columns)
        {
            ProductPart part = Part(segment, adapters, group, member);
            if (part.Rank == 0)
                return;
            LoraFactors factors = adapters.Factors(segment.Adapter, group.Layer, group.Members[member].Target);
            Add(part, Length(rows), Length(columns));

            int Length(Extent extent) => extent switch
            {
                Extent.Rows => segment.Count,
                Extent.Rank => factors.Rank,
                Extent.Inputs => factors.Inputs,
                _ => factors.Outputs,
            };
        }

        private void Add(ProductPart part, int rows, int columns)
        {
            part.FirstTile = Tiles;
            part.ColumnTiles = Product<TShape>.TilesOf(columns, default(TShape).TileColumns);
            Table.Add(part);
            Tiles = checked(Tiles + part.ColumnTiles * Product<TShape>.TilesOf(rows, default(TShape).TileRows));
        }

        private static ProductPart Part(AdapterSegment segment, AdapterSet adapters, LinearGroup group, int member)
        {
            int column = 0;
            for (int i = 0; i < member; i++)
                column += adapters.Factors(segment.Adapter, group.Layer, group.Members[i].Target).Rank;
            LoraFactors factors = adapters.Factors(segment.Adapter, group.Layer, group.Members[member].Target);
            return new ProductPart
            {
                Start = segment.Start,
                Rows = segment.Count,
                Rank = factors.Rank,
                Column = column,
                A = checked((int)factors.A),
                B = checked((int)factors.B),
                Scale = (float)factors.Scale,
            };
        }
    }
}
