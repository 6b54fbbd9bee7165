using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FedQueue.Contracts;
using static FedQueue.Worker.Training.MatrixProduct;

namespace FedQueue.Worker.Training;

/// <summary>
/// LSTM layers, the last one's last step, a linear layer to one output: forward, and backward through time. Allocates when it is
/// made, and once more when it is first trained.
/// </summary>
/// <remarks>
/// With x the input of a step and h, c the layer's state before it (Hochreiter and Schmidhuber 1997; forget gate of Gers et al.
/// 2000; gate order of PyTorch):
/// <code>
/// i, f, g, o = σ, σ, tanh, σ of [h x]·W + b_ih + b_hh        c' = f·c + i·g        h' = o·tanh c'
/// </code>
/// Backward, with δ the gradient of the loss by what follows (Graves 2012, section 4.6, without peepholes):
/// <code>
/// δc' += δh'·o·(1 − tanh² c')                     δc  = δc'·f
/// δi' = δc'·g·i·(1 − i)    δf' = δc'·c·f·(1 − f)    δg' = δc'·i·(1 − g²)    δo' = δh'·tanh c'·o·(1 − o)
/// δW += [h x]ᵀ·δ'          δb += Σ δ'               [δh δx] = δ'·Wᵀ
/// </code>
/// Units are padded to a multiple of sixteen. The padding's weights are 0, so are its states and gradients, and Adam leaves them 0.
/// </remarks>
internal sealed unsafe class LstmNetwork
{
    private readonly ModelPlan model;
    private readonly int window;
    private readonly int batch;
    private readonly int width;
    private readonly Layer[] layers;
    private readonly KernelMemory outputs;
    private readonly KernelMemory outputGradients;
    private Adam? adam;
    private int count;

    /// <param name="model">Shape of the model.</param>
    /// <param name="window">Steps of a window, at least 1.</param>
    /// <param name="batch">Most windows at once, at least 1.</param>
    public LstmNetwork(ModelPlan model, int window, int batch)
    {
        (this.model, this.window, this.batch, width) = (model, window, batch, Padded(model.Units));
        layers = new Layer[model.Layers];
        long offset = 0;
        for (var l = 0; l < layers.Length; l++)
        {
            layers[l] = new Layer(l == 0 ? model.Inputs : width, width, window, batch, offset, hasLayerBelow: l > 0);
            offset += layers[l].ParameterLength;
        }

        LinearOffset = (int)offset;
        Parameters = new KernelMemory(offset + width + Lanes);
        Gradients = new KernelMemory(Parameters.Length);
        outputs = new KernelMemory(Padded(batch));
        outputGradients = new KernelMemory(Padded(batch));
    }

    /// <summary>
    /// All parameters as the kernels want them. Of each layer, panel by panel of sixteen columns of the four gates, and in each row by
    /// row: recurrent weights, input weights, the two biases; then the linear layer's weights and its bias.
    /// </summary>
    public KernelMemory Parameters { get; }

    /// <summary>Sums of gradients since they were last cleared, laid out as <see cref="Parameters"/>.</summary>
    public KernelMemory Gradients { get; }

    /// <summary>Moves <see cref="Parameters"/> by <see cref="Gradients"/>.</summary>
    public Adam Adam => adam ??= new Adam(Parameters.Length);

    /// <summary>Of all its memory.</summary>
    public long Bytes => sizeof(float)
        * (layers.Sum(layer => layer.Length) + Parameters.Length + Gradients.Length + outputs.Length + outputGradients.Length) + (adam?.Bytes ?? 0);

    /// <summary>The model's outputs for the windows of the last <see cref="Forward"/>.</summary>
    public ReadOnlySpan<float> Outputs => outputs.Span[..count];

    private int LinearOffset { get; }

    /// <returns>Whether it was made with equal arguments.</returns>
    public bool Has(ModelPlan otherModel, int otherWindow, int otherBatch) => (model, window, batch) == (otherModel, otherWindow, otherBatch);

    /// <summary>Takes weights over.</summary>
    /// <param name="weights">Shape [P] in the order of <see cref="ModelPlan.Tensors"/>.</param>
    public void Load(ReadOnlySpan<float> weights)
    {
        if (weights.Length != model.ParameterCount())
            throw new ArgumentException($"{weights.Length} weights were given for a model of {model.ParameterCount()} parameters.", nameof(weights));

        var parameters = Parameters.Span;
        foreach (var (packed, flat, count) in Columns())
            for (var row = 0; row < count; row++)
                parameters[packed + row * Lanes] = weights[flat + row];
    }

    /// <returns>A copy of the weights, shape [P] in the order of <see cref="ModelPlan.Tensors"/>.</returns>
    public float[] Weights() => Flat(Parameters.Span);

    /// <returns>A copy of the gradients, in the order of <see cref="Weights"/>.</returns>
    internal float[] FlatGradients() => Flat(Gradients.Span);

    /// <summary>Computes the outputs of some windows.</summary>
    /// <param name="inputs">Row-major [N, window, inputs].</param>
    /// <param name="chosen">Which of the N windows, as many as the batch at most.</param>
    public void Forward(ReadOnlySpan<float> inputs, ReadOnlySpan<int> chosen)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chosen.Length, batch);
        count = chosen.Length;
        CopyInputs(inputs, chosen);
        foreach (var layer in layers)
            layer.AddBiases(Parameters.Pointer);

        for (var t = 0; t < window; t++)
            for (var l = 0; l < layers.Length; l++)
                layers[l].Forward(Parameters.Pointer, t, count, l + 1 < layers.Length ? layers[l + 1] : null);

        var (top, bias) = (layers[^1], Parameters.Span[LinearOffset + width]);
        var weights = Parameters.Pointer + LinearOffset;
        for (var row = 0; row < count; row++)
            outputs.Span[row] = Dot(top.Hidden(window) + row * top.JoinedStride, weights, width) + bias;
        GC.KeepAlive(this);
    }

    /// <summary>Adds the gradients of the loss by every parameter, for the windows of the last <see cref="Forward"/>.</summary>
    /// <param name="byOutput">Gradient of the loss by each output.</param>
    public void Backward(ReadOnlySpan<float> byOutput)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(byOutput.Length, count);
        byOutput.CopyTo(outputGradients.Span);
        var top = layers[^1];
        var gradients = Gradients.Pointer;
        foreach (var layer in layers)
            layer.BeginBackward(Parameters.Pointer, count);

        Add(outputGradients.Pointer, 0, 1, Matrix.Rows(top.Hidden(window), top.JoinedStride), Matrix.Rows(gradients + LinearOffset, width), 1, count, width);
        foreach (var gradient in byOutput)
            gradients[LinearOffset + width] += gradient;
        Add(outputGradients.Pointer, 1, 0, Matrix.Rows(Parameters.Pointer + LinearOffset, 0), Matrix.Rows(top.Carried, top.CarriedStride), count, 1, width);

        for (var t = window - 1; t >= 0; t--)
            for (var l = layers.Length - 1; l >= 0; l--)
                layers[l].Backward(gradients, t, count, l + 1 < layers.Length ? layers[l + 1] : null);
        foreach (var layer in layers)
            layer.EndBackward(gradients);
        GC.KeepAlive(this);
    }

    internal static int Padded(int length) => checked((length + Lanes - 1) / Lanes * Lanes);

    private void CopyInputs(ReadOnlySpan<float> inputs, ReadOnlySpan<int> chosen)
    {
        var features = model.Inputs;
        for (var row = 0; row < chosen.Length; row++)
        {
            var steps = inputs.Slice(chosen[row] * window * features, window * features);
            for (var t = 0; t < window; t++)
                steps.Slice(t * features, features).CopyTo(layers[0].Input(t, row));
        }
    }

    /// <summary>Sixteen partial sums, added in their order: the same bits on every processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* a, float* b, int length)
    {
        var sums = Vector512<float>.Zero;
        for (nint j = 0; j < length; j += Lanes)
            sums = Vector512.FusedMultiplyAdd(Vector512.Load(a + j), Vector512.Load(b + j), sums);

        var partial = stackalloc float[Lanes];
        sums.Store(partial);
        var sum = 0f;
        for (var lane = 0; lane < Lanes; lane++)
            sum += partial[lane];
        return sum;
    }

    private float[] Flat(ReadOnlySpan<float> panels)
    {
        var values = new float[model.ParameterCount()];
        foreach (var (packed, flat, count) in Columns())
            for (var row = 0; row < count; row++)
                values[flat + row] = panels[packed + row * Lanes];
        return values;
    }

    /// <summary>
    /// Columns of the weights: where each begins in <see cref="Parameters"/>, from where its rows are <see cref="Lanes"/> apart, and
    /// where in the order of <see cref="ModelPlan.Tensors"/>, from where they follow each other.
    /// </summary>
    private IEnumerable<(int Packed, int Flat, int Rows)> Columns()
    {
        var (units, flat) = (model.Units, 0);
        for (var l = 0; l < layers.Length; l++)
        {
            var inputs = l == 0 ? model.Inputs : units;
            foreach (var (firstRow, rows) in new[] { (width, inputs), (0, units), (layers[l].BiasRow, 1), (layers[l].BiasRow + 1, 1) })
                for (var gate = 0; gate < 4; gate++)
                    for (var unit = 0; unit < units; unit++, flat += rows)
                        yield return (layers[l].Place(firstRow, gate * width + unit), flat, rows);
        }

        for (var unit = 0; unit < units; unit++)
            yield return (LinearOffset + unit, flat++, 1);
        yield return (LinearOffset + width, flat, 1);
    }

    /// <summary>One LSTM layer: its states at every step, for the way back.</summary>
    private sealed class Layer
    {
        private readonly int width;
        private readonly int batch;
        private readonly int inputs;
        private readonly bool hasLayerBelow;

        /// <summary>[window + 1, batch, stride]: of each step, hidden state before it, then its input.</summary>
        private readonly KernelMemory joined;

        /// <summary>[window][batch, 4·width] in panels: i, f, g, o.</summary>
        private readonly KernelMemory gates;

        /// <summary>[window + 1, batch, width]: cell state before each step.</summary>
        private readonly KernelMemory cells;

        /// <summary>[window, batch, width]: tanh of the cell state after each step.</summary>
        private readonly KernelMemory cellTanh;

        /// <summary>[4·width]: sum of the two biases.</summary>
        private readonly KernelMemory biases;

        /// <summary>[4·width, <see cref="CarriedStride"/>] in panels: the weights transposed.</summary>
        private readonly KernelMemory transposed;

        /// <summary>[batch, 4·width]: gradients by the gates before their activation, of one step.</summary>
        private readonly KernelMemory gateGradients;

        /// <summary>[batch, <see cref="CarriedStride"/>]: gradients by the hidden state before the step after, and by the input of the step.</summary>
        private readonly KernelMemory carried;

        /// <summary>[batch, width]: gradients by the cell state.</summary>
        private readonly KernelMemory carriedCells;

        /// <summary>A row of nothing, for sums that begin with it.</summary>
        private readonly KernelMemory zeros;

        public Layer(int inputs, int width, int window, int batch, long offset, bool hasLayerBelow)
        {
            (this.width, this.batch, this.inputs, this.hasLayerBelow) = (width, batch, inputs, hasLayerBelow);
            Offset = checked((int)offset);
            JoinedStride = width + Padded(inputs);
            CarriedStride = hasLayerBelow ? 2 * width : width;

            joined = new KernelMemory((window + 1L) * batch * JoinedStride);
            gates = new KernelMemory((long)window * batch * 4 * width);
            cells = new KernelMemory((window + 1L) * batch * width);
            cellTanh = new KernelMemory((long)window * batch * width);
            biases = new KernelMemory(4L * width);
            transposed = new KernelMemory(4L * width * CarriedStride);
            gateGradients = new KernelMemory(4L * batch * width);
            carried = new KernelMemory((long)batch * CarriedStride);
            carriedCells = new KernelMemory((long)batch * width);
            zeros = new KernelMemory(CarriedStride);
        }

        /// <summary>Of its first parameter.</summary>
        public int Offset { get; }

        /// <summary>Row of the first of its two biases.</summary>
        public int BiasRow => width + inputs;

        public long ParameterLength => (BiasRow + 2L) * 4 * width;

        /// <summary>Float32 values that it holds besides its parameters.</summary>
        public long Length => (long)joined.Length + gates.Length + cells.Length + cellTanh.Length + biases.Length + transposed.Length
            + gateGradients.Length + carried.Length + carriedCells.Length + zeros.Length;

        /// <summary>Rows of a panel of parameters.</summary>
        private int ParameterRows => BiasRow + 2;

        private int Panels => 4 * width / Lanes;

        public int JoinedStride { get; }

        public float* Carried => carried.Pointer;

        public int CarriedStride { get; }

        /// <summary>Hidden states before a step, rows <see cref="JoinedStride"/> apart.</summary>
        public float* Hidden(int step) => joined.Pointer + (nint)step * batch * JoinedStride;

        public Span<float> Input(int step, int row) => joined.Span.Slice((step * batch + row) * JoinedStride + width, inputs);

        /// <returns>Index of a parameter; the columns are those of the gates, one after the other.</returns>
        public int Place(int row, int column) => Offset + (column / Lanes * ParameterRows + row) * Lanes + column % Lanes;

        public void AddBiases(float* parameters)
        {
            for (nint panel = 0; panel < Panels; panel++)
            {
                var first = Row(parameters, panel, BiasRow);
                (Vector512.Load(first) + Vector512.Load(first + Lanes)).Store(biases.Pointer + panel * Lanes);
            }
        }

        public void Forward(float* parameters, int step, int count, Layer? above)
        {
            var gateWidth = 4 * width;
            float* x = Hidden(step), g = gates.Pointer + (nint)step * batch * gateWidth;

            // Before the first step the hidden state is 0.
            var skipped = step == 0 ? width : 0;
            Set(Matrix.Rows(biases.Pointer, 0), x + skipped, JoinedStride, 1, Matrix.Panels(Row(parameters, 0, skipped), ParameterRows),
                Matrix.Panels(g, batch), count, width + inputs - skipped, gateWidth);
            Activate(step, count, above);
        }

        public void BeginBackward(float* parameters, int count)
        {
            carried.Span.Clear();
            carriedCells.Span.Clear();
            for (nint panel = 0; panel < Panels; panel++)
                for (nint row = 0; row < CarriedStride; row += Lanes)
                    Transpose(Row(parameters, panel, row), transposed.Pointer + (row / Lanes * Panels + panel) * Lanes * Lanes);
        }

        public void Backward(float* gradients, int step, int count, Layer? above)
        {
            var gateWidth = 4 * width;
            float* d = gateGradients.Pointer, x = Hidden(step);
            Differentiate(gradients, step, count, above);

            // The state before the first step is 0: it gives its weights no gradient, and nobody asks for one by it, nor by the model's inputs.
            var skipped = step == 0 ? width : 0;
            Add(x + skipped, 1, JoinedStride, Matrix.Rows(d, gateWidth),
                Matrix.Panels(Row(gradients, 0, skipped), ParameterRows), width + inputs - skipped, count, gateWidth);
            if (CarriedStride > skipped)
                Set(Matrix.Rows(zeros.Pointer, 0), d, gateWidth, 1, Matrix.Panels(transposed.Pointer + skipped * gateWidth, gateWidth),
                    Matrix.Rows(carried.Pointer + skipped, CarriedStride), count, gateWidth, CarriedStride - skipped);
        }

        /// <summary>Both biases have the same gradient.</summary>
        public void EndBackward(float* gradients)
        {
            for (nint panel = 0; panel < Panels; panel++)
            {
                var first = Row(gradients, panel, BiasRow);
                Vector512.Load(first).Store(first + Lanes);
            }
        }

        /// <summary>From the gates' sums to the next states, which are also the input of the layer above.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Activate(int step, int count, Layer? above)
        {
            var (gate, stepAbove) = ((nint)batch * width, above?.JoinedStride ?? 0);
            for (nint j = 0; j < width; j += Lanes)
            {
                var g = gates.Pointer + (nint)step * batch * 4 * width + j * batch;
                var c = cells.Pointer + (nint)step * batch * width + j;
                var tanh = cellTanh.Pointer + (nint)step * batch * width + j;
                var hidden = Hidden(step + 1) + j;
                var input = above is null ? null : above.Hidden(step) + width + j;
                for (nint row = 0; row < count; row++, g += Lanes, c += width, tanh += width, hidden += JoinedStride, input += stepAbove)
                {
                    var (i, f) = (Activation.Sigmoid(Vector512.Load(g)), Activation.Sigmoid(Vector512.Load(g + gate)));
                    var (candidate, o) = (Activation.Tanh(Vector512.Load(g + 2 * gate)), Activation.Sigmoid(Vector512.Load(g + 3 * gate)));
                    var cell = Vector512.FusedMultiplyAdd(f, Vector512.Load(c), i * candidate);
                    var cellValue = Activation.Tanh(cell);
                    var h = o * cellValue;
                    i.Store(g);
                    f.Store(g + gate);
                    candidate.Store(g + 2 * gate);
                    o.Store(g + 3 * gate);
                    cell.Store(c + gate);
                    cellValue.Store(tanh);
                    h.Store(hidden);
                    if (input is not null)
                        h.Store(input);
                }
            }
        }

        /// <summary>
        /// From the gradients by the states after a step to those by the gates' sums and the cell state before it. Those by the gates' sums
        /// are added to those by the biases.
        /// </summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Differentiate(float* gradients, int step, int count, Layer? above)
        {
            var (one, gate, stepAbove) = (Vector512<float>.One, (nint)batch * width, above?.CarriedStride ?? 0);
            for (nint j = 0; j < width; j += Lanes)
            {
                var g = gates.Pointer + (nint)step * batch * 4 * width + j * batch;
                var c = cells.Pointer + (nint)step * batch * width + j;
                var tanh = cellTanh.Pointer + (nint)step * batch * width + j;
                var d = gateGradients.Pointer + j;
                var byHidden = carried.Pointer + j;
                var byInput = above is null ? null : above.carried.Pointer + width + j;
                var byCell = carriedCells.Pointer + j;
                float* biasI = Row(gradients, j / Lanes, BiasRow), biasF = Row(gradients, (width + j) / Lanes, BiasRow);
                float* biasG = Row(gradients, (2 * width + j) / Lanes, BiasRow), biasO = Row(gradients, (3 * width + j) / Lanes, BiasRow);
                var (sumI, sumF, sumG, sumO) = (Vector512.Load(biasI), Vector512.Load(biasF), Vector512.Load(biasG), Vector512.Load(biasO));
                for (nint row = 0; row < count; row++, g += Lanes, c += width, tanh += width, d += 4 * width)
                {
                    var (i, f) = (Vector512.Load(g), Vector512.Load(g + gate));
                    var (candidate, o) = (Vector512.Load(g + 2 * gate), Vector512.Load(g + 3 * gate));
                    var cellValue = Vector512.Load(tanh);
                    var dHidden = Vector512.Load(byHidden);
                    if (byInput is not null)
                        dHidden += Vector512.Load(byInput);

                    var dCell = Vector512.FusedMultiplyAdd(
                        dHidden * o, Vector512.FusedMultiplyAdd(-cellValue, cellValue, one), Vector512.Load(byCell));
                    var dI = dCell * candidate * i * (one - i);
                    var dF = dCell * Vector512.Load(c) * f * (one - f);
                    var dG = dCell * i * Vector512.FusedMultiplyAdd(-candidate, candidate, one);
                    var dO = dHidden * cellValue * o * (one - o);
                    (dCell * f).Store(byCell);
                    dI.Store(d);
                    dF.Store(d + width);
                    dG.Store(d + 2 * width);
                    dO.Store(d + 3 * width);
                    (sumI, sumF, sumG, sumO) = (sumI + dI, sumF + dF, sumG + dG, sumO + dO);
                    byHidden += CarriedStride;
                    byInput += stepAbove;
                    byCell += width;
                }

                sumI.Store(biasI);
                sumF.Store(biasF);
                sumG.Store(biasG);
                sumO.Store(biasO);
            }
        }

        /// <returns>Sixteen parameters, or their gradients: a row of a panel.</returns>
        private float* Row(float* parameters, nint panel, nint row) => parameters + Offset + (panel * ParameterRows + row) * Lanes;

        /// <summary>Sixteen rows of sixteen.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Transpose(float* source, float* target)
        {
            for (nint row = 0; row < Lanes; row += 4, source += 4 * Lanes, target += 4)
                for (nint column = 0; column < Lanes; column++)
                {
                    var to = target + column * Lanes;
                    to[0] = source[column];
                    to[1] = source[Lanes + column];
                    to[2] = source[2 * Lanes + column];
                    to[3] = source[3 * Lanes + column];
                }
        }
    }
}
