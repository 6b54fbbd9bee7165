using System.Net.Mime;
using System.Runtime.Serialization;
using MassTransit;
using MassTransit.Serialization;

namespace FedQueue.Contracts;

/// <summary>
/// Puts messages that carry weights on the queue as <see cref="MessageFrame"/>, with what MassTransit's envelope says in headers;
/// all others as MassTransit does. What was sent as JSON, by an older program for instance, stays readable.
/// </summary>
internal sealed class WeightsSerializer : RawMessageSerializer, ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    public const string MediaType = "application/vnd.fedqueue.weights";

    public ContentType ContentType { get; } = new(MediaType);

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public MessageBody GetMessageBody<T>(SendContext<T> context) where T : class
    {
        // The transports ask for the type of the content after the content.
        if (!MessageFrame.Fits(typeof(T)))
        {
            context.ContentType = SystemTextJsonMessageSerializer.JsonContentType;
            return SystemTextJsonMessageSerializer.Instance.GetMessageBody(context);
        }

        SetRawMessageHeaders(context);
        QueueWait.Stamp(context);
        return new BytesMessageBody(MessageFrame.Write(context.Message));
    }

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, Deserialize(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        new FrameContext(new RawMessageContext(headers, destinationAddress, RawSerializerOptions.CopyHeaders), headers.GetMessageTypes(), body);

    public MessageBody GetMessageBody(string text) => throw Unsupported();

    public void Probe(ProbeContext context) => context.CreateScope("weights").Add("contentType", ContentType.MediaType);

    private static NotSupportedException Unsupported() => new("A message with weights is read and sent, never sent on.");

    private sealed class FrameContext(MessageContext context, string[] types, MessageBody body)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, context, types)
    {
        public override bool TryGetMessage<T>(out T? message) where T : class
        {
            message = IsSupportedMessageType<T>() && TryGetMessage(typeof(T), out var found) ? (T)found : null;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? message)
        {
            message = MessageFrame.Fits(messageType) ? MessageFrame.Read(messageType, BytesFor(messageType)) : null;
            return message is not null;
        }

        /// <summary>Workers keep what they are sent for longer than they handle the message.</summary>
        private ReadOnlyMemory<byte> BytesFor(Type messageType) =>
            messageType == typeof(WeightsSubmitted) ? LentBytes.Of(body) : body.GetBytes();

        public override IMessageSerializer GetMessageSerializer() => throw Unsupported();

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => throw Unsupported();

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => throw Unsupported();

        public override Dictionary<string, object> ToDictionary<T>(T? message) where T : class => throw Unsupported();
    }
}
